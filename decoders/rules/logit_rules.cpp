#include "decoders/rules/logit_rules.h"

#include <algorithm>
#include <limits>

namespace millrace {
namespace {

constexpr float kRuledOut = -std::numeric_limits<float>::infinity();

}  // namespace

std::vector<TokenId> all_tokens(const TokensSoFar& so_far) {
  std::vector<TokenId> tokens(so_far.prompt.begin(), so_far.prompt.end());
  tokens.insert(tokens.end(), so_far.generated.begin(), so_far.generated.end());
  return tokens;
}

void apply_rules(const LogitRules& rules, const TokensSoFar& so_far, std::span<float> logits) {
  for (const auto& rule : rules) rule->apply(so_far, logits);
}

void rule_out(std::span<float> logits, TokenId id) {
  if (id >= 0 && static_cast<size_t>(id) < logits.size()) logits[static_cast<size_t>(id)] = kRuledOut;
}

void rule_out(std::span<float> logits, TokenId first, TokenId end) {
  const auto size = static_cast<TokenId>(logits.size());
  first = std::clamp<TokenId>(first, 0, size);
  end = std::clamp<TokenId>(end, first, size);
  std::fill(logits.begin() + first, logits.begin() + end, kRuledOut);
}

void SuppressTokens::apply(const TokensSoFar&, std::span<float> logits) const {
  for (const TokenId token : tokens_) rule_out(logits, token);
}

void SuppressTokensAtBegin::apply(const TokensSoFar& so_far, std::span<float> logits) const {
  if (!so_far.generated.empty()) return;
  for (const TokenId token : tokens_) rule_out(logits, token);
}

void RepetitionPenalty::apply(const TokensSoFar& so_far, std::span<float> logits) const {
  std::vector<TokenId> seen(so_far.generated.begin(), so_far.generated.end());
  if (scope_ == Scope::prompt_and_generated)
    seen.insert(seen.end(), so_far.prompt.begin(), so_far.prompt.end());
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  for (const TokenId token : seen) {
    if (token < 0 || static_cast<size_t>(token) >= logits.size()) continue;
    float& logit = logits[static_cast<size_t>(token)];
    logit = logit > 0 ? logit / penalty_ : logit * penalty_;
  }
}

void NoRepeatNgram::apply(const TokensSoFar& so_far, std::span<float> logits) const {
  std::vector<TokenId> joined;
  auto tokens = so_far.generated;
  if (scope_ == Scope::prompt_and_generated) tokens = joined = all_tokens(so_far);
  if (size_ < 1 || static_cast<int64_t>(tokens.size()) < size_) return;
  const auto before = static_cast<size_t>(size_ - 1);  // tokens of the n-gram that are there already
  const auto last = tokens.last(before);
  for (size_t i = 0; i + before < tokens.size(); ++i)
    if (std::equal(last.begin(), last.end(), tokens.begin() + static_cast<ptrdiff_t>(i)))
      rule_out(logits, tokens[i + before]);
}

}  // namespace millrace
