#pragma once
#include "decoders/rules/logit_rules.h"
#include "decoders/speech/speech_tokens.h"

namespace millrace {

// The grammar of Whisper's timestamps ("Robust Speech Recognition via Large-Scale Weak Supervision", 2022): a
// window begins with one, they come in pairs except before the end, never go back, and one is taken as soon
// as all of them together are likelier than any single word.
class TimestampRules : public LogitRule {
 public:
  // `latest_first`: the first timestamp stands for at most this many steps of 0.02 s; negative: any.
  TimestampRules(const SpeechTokens& tokens, int latest_first);
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  TokenId end_of_text_, no_timestamps_, begin_, end_;
  int latest_first_;
};

}  // namespace millrace
