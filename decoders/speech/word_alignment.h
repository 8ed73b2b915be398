#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "decoders/speech/speech_tokens.h"
#include "decoders/speech/window_segments.h"
#include "decoders/text_decoder.h"

namespace millrace {

// Where in the sound each token of a text is.
struct TokenAlignment {
  // Seconds from the window's start at which each text token begins, and as last element the end of the last.
  std::vector<double> times;
  std::vector<double> probabilities;  // of each text token, among text tokens
};

struct AlignmentInput {
  std::vector<TokenId> start;     // start sequence, without the no-timestamps token
  std::span<const TokenId> text;  // text tokens only
  int64_t content_samples = 0;    // sound in the window
  int slot = 0;                   // of the session; it has the window's memory attached and is emptied
};

// Reads the text once more and follows the cross-attention of the alignment heads through the sound
// (openai-whisper's timing.find_alignment). An empty text or a window without sound gives no times.
TokenAlignment align_tokens(DecoderSession& session, const SpeechTokens& speech, const AlignmentInput& input);

// From attention weights [heads, positions, frames] to one matrix [positions - skip - 1, content_frames] that
// is high where a token is spoken: normalised over the positions of each frame, median-filtered over time,
// averaged over heads; without the first `skip` positions and the last.
std::vector<float> attention_over_time(const Tensor& weights, int64_t content_frames, int64_t skip);

}  // namespace millrace
