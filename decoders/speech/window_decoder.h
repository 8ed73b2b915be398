#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "decoders/rules/logit_rules.h"
#include "decoders/search/token_search.h"
#include "decoders/speech/speech_prompt.h"
#include "decoders/speech/speech_tokens.h"
#include "decoders/speech/transcription_options.h"
#include "decoders/text_decoder.h"

namespace millrace {

// One window to be decoded. Its slots of the session are first_slot on, as many as WindowDecoder::slots(),
// with the window's memory attached.
struct WindowJob {
  int first_slot = 0;
  SpeechPrompt prompt;
  uint64_t seed = 0;     // of the window's draws
  bool goes_on = false;  // something is written after the prefix: the text doesn't end with it
  // What the text after the prefix probably begins with. It changes nothing of the outcome, but what is right
  // of it is found in one step; only a search with one beam at temperature 0 makes use of it.
  std::span<const TokenId> draft = {};
  std::optional<int64_t> most_tokens = {};  // that are written; as many as there is room for unless given
};

struct DecodedWindow {
  std::vector<TokenId> tokens;  // with timestamps, from the prefix on
  std::string text;
  double avg_logprob = 0;
  double no_speech_prob = 0;
  double compression_ratio = 0;
  double temperature = 0;  // the last one tried
};

// Decodes windows into tokens: beam search at temperature 0, the best of several draws above it, and the next
// temperature where the outcome is too repetitive or too improbable. Windows decoded together give what each
// gives alone. Immutable.
class WindowDecoder {
 public:
  struct Parts {
    std::shared_ptr<const TextDecoder> decoder;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::shared_ptr<const SpeechTokens> speech;
    TranscriptionOptions options;
    const CancelToken* cancel = nullptr;  // asked between steps when there is one
  };
  explicit WindowDecoder(Parts parts);

  int slots() const { return slots_; }  // a window's
  // Tokens that may be written after a prompt of so many.
  int64_t room_after(int64_t prompt_length) const;

  std::vector<DecodedWindow> decode(DecoderSession& session, std::span<const WindowJob> jobs) const;

  // Neither too repetitive nor too improbable, or improbable because nobody speaks.
  bool passes(const DecodedWindow& window) const;

 private:
  struct Attempt;
  void feed_prompts(DecoderSession& session, std::vector<Attempt>& attempts) const;
  void search(DecoderSession& session, std::span<Attempt*> attempts) const;
  void begin_search(Attempt& attempt, double temperature, size_t trial) const;
  void try_draft(DecoderSession& session, Attempt& attempt) const;
  void weigh(const Attempt& attempt, std::span<float> logits) const;
  DecodedWindow outcome(const Attempt& attempt, double temperature) const;
  bool is_too_repetitive(const DecodedWindow& window) const;
  DecodedWindow best_of_failed(const std::vector<DecodedWindow>& tried) const;

  Parts parts_;
  LogitRules rules_;
  int slots_ = 1;
};

}  // namespace millrace
