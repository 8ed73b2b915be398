#include "decoders/speech/unheard_tail.h"

#include "decoders/speech/window_segments.h"

namespace millrace {
namespace {

// More than the padding that voice activity leaves after the last word, so that there is speech in it.
constexpr int64_t kShortestTail = 16000;

}  // namespace

std::optional<std::vector<TokenId>> text_to_continue(std::span<const TokenId> tokens,
                                                     const SpeechTokens& speech, int64_t content_samples) {
  if (tokens.size() < 2 || !speech.is_timestamp(tokens.back())) return std::nullopt;
  const int64_t reached = (tokens.back() - speech.timestamp_begin) * kSamplesPerTimestamp;
  if (content_samples - reached <= kShortestTail) return std::nullopt;
  std::vector<TokenId> text(tokens.begin(), tokens.end());
  if (!speech.is_timestamp(tokens[tokens.size() - 2])) text.push_back(tokens.back());
  return text;
}

}  // namespace millrace
