#include "decoders/rules/length_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace {
namespace {

int64_t count(const TokensSoFar& so_far, bool all) {
  return static_cast<int64_t>(so_far.generated.size() + (all ? so_far.prompt.size() : 0));
}

}  // namespace

void NoEndBefore::apply(const TokensSoFar& so_far, std::span<float> logits) const {
  if (count(so_far, counted_ == Counted::all) >= least_) return;
  for (const TokenId token : end_tokens_) rule_out(logits, token);
}

void ForcedTokens::apply(const TokensSoFar& so_far, std::span<float> logits) const {
  if (count(so_far, counted_ == Counted::all) != position_) return;
  std::fill(logits.begin(), logits.end(), -std::numeric_limits<float>::infinity());
  for (const TokenId token : tokens_)
    if (token >= 0 && static_cast<size_t>(token) < logits.size()) logits[static_cast<size_t>(token)] = 0;
}

void EndMoreLikely::apply(const TokensSoFar& so_far, std::span<float> logits) const {
  const int64_t beyond = count(so_far, false) - start_;
  if (beyond <= 0) return;
  const auto growth = static_cast<float>(std::pow(factor_, static_cast<double>(beyond)) - 1);
  for (const TokenId token : end_tokens_) {
    if (token < 0 || static_cast<size_t>(token) >= logits.size()) continue;
    float& logit = logits[static_cast<size_t>(token)];
    if (std::isfinite(logit)) logit += std::abs(logit) * growth;
  }
}

void SuppressFirstFree::apply(const TokensSoFar& so_far, std::span<float> logits) const {
  const size_t first = begin_is_forced_ && so_far.prompt.size() <= 1 ? 1 : 0;
  if (so_far.generated.size() != first) return;
  for (const TokenId token : tokens_) rule_out(logits, token);
}

}  // namespace millrace
