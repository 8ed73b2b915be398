#pragma once
#include "decoders/rules/logit_rules.h"

namespace millrace {

// remove_invalid_values: what is no number becomes 0, infinities the largest numbers there are.
class ReplaceInvalid : public LogitRule {
 public:
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;
};

// renormalize_logits: log_softmax, so that what the other rules left adds up to 1.
class Renormalize : public LogitRule {
 public:
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;
};

}  // namespace millrace
