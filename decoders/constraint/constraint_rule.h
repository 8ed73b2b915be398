#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "decoders/constraint/constraint.h"
#include "decoders/rules/logit_rules.h"

namespace millrace {

// Lets through what a constraint allows after the generated tokens, and end tokens where the text is complete
// (only them once nothing may follow). It belongs where make_rules() puts its caller's own rules, for one
// request: it remembers how far the sequences were that it saw last, so that a sequence that goes on costs
// one step, and works the rest out anew.
class ConstraintRule : public LogitRule {
 public:
  // `start` is the constraint before any token.
  ConstraintRule(std::unique_ptr<const Constraint> start, std::vector<TokenId> end_tokens);
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  struct Seen {
    std::vector<TokenId> tokens;
    std::unique_ptr<Constraint> state;
  };
  std::unique_ptr<Constraint> state_after(std::span<const TokenId> generated) const;

  std::unique_ptr<const Constraint> start_;
  std::vector<TokenId> end_tokens_;
  mutable std::mutex mutex_;
  mutable std::vector<Seen> seen_;  // the latest last
};

}  // namespace millrace
