#include "decoders/constraint/constraint_rule.h"

#include <algorithm>

namespace millrace {
namespace {

constexpr size_t kRemembered = 32;  // sequences; more than there are beams, mostly

}  // namespace

ConstraintRule::ConstraintRule(std::unique_ptr<const Constraint> start, std::vector<TokenId> end_tokens)
    : start_(std::move(start)), end_tokens_(std::move(end_tokens)) {}

std::unique_ptr<Constraint> ConstraintRule::state_after(std::span<const TokenId> generated) const {
  // The longest beginning that is known.
  const Seen* best = nullptr;
  for (const Seen& seen : seen_)
    if (seen.tokens.size() <= generated.size() &&
        (best == nullptr || seen.tokens.size() > best->tokens.size()) &&
        std::equal(seen.tokens.begin(), seen.tokens.end(), generated.begin()))
      best = &seen;
  auto state = best == nullptr ? start_->clone() : best->state->clone();
  for (size_t i = best == nullptr ? 0 : best->tokens.size(); i < generated.size(); ++i)
    if (!state->advance(generated[i])) break;  // an end token, or what the rule was not asked about
  return state;
}

void ConstraintRule::apply(const TokensSoFar& so_far, std::span<float> logits) const {
  const std::scoped_lock lock(mutex_);
  auto state = state_after(so_far.generated);
  std::vector<std::pair<TokenId, float>> ends;
  if (state->complete())
    for (const TokenId token : end_tokens_)
      if (token >= 0 && static_cast<size_t>(token) < logits.size())
        ends.emplace_back(token, logits[static_cast<size_t>(token)]);
  state->allowed().rule_out_others(logits);
  for (const TokenId token : end_tokens_) rule_out(logits, token);
  for (const auto& [token, logit] : ends) logits[static_cast<size_t>(token)] = logit;
  if (seen_.size() >= kRemembered) seen_.erase(seen_.begin());
  seen_.push_back({{so_far.generated.begin(), so_far.generated.end()}, std::move(state)});
}

}  // namespace millrace
