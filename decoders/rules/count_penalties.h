#pragma once
#include <map>

#include "decoders/rules/logit_rules.h"

namespace millrace {

// frequency_penalty and presence_penalty as the OpenAI API defines them: a token that was generated n > 0
// times loses n * frequency + presence. The prompt does not count.
class CountPenalties : public LogitRule {
 public:
  CountPenalties(float frequency, float presence) : frequency_(frequency), presence_(presence) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  float frequency_, presence_;
};

// logit_bias as the OpenAI API defines it: added to the token's logit at every step.
class LogitBias : public LogitRule {
 public:
  explicit LogitBias(std::map<TokenId, float> biases) : biases_(std::move(biases)) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  std::map<TokenId, float> biases_;
};

}  // namespace millrace
