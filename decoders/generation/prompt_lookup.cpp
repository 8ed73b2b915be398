#include "decoders/generation/prompt_lookup.h"

#include <algorithm>
#include <limits>

namespace millrace {

PromptLookup::PromptLookup(const Limits& limits, LogitRules rules, std::vector<TokenId> end_tokens,
                           int64_t vocabulary)
    : limits_(limits),
      rules_(std::move(rules)),
      end_tokens_(std::move(end_tokens)),
      vocabulary_(vocabulary) {}

std::vector<TokenId> PromptLookup::allowed(const TokensSoFar& so_far, std::span<const TokenId> guess) const {
  if (rules_.empty()) return {guess.begin(), guess.end()};
  std::vector<TokenId> taken;
  std::vector<TokenId> generated(so_far.generated.begin(), so_far.generated.end());
  std::vector<float> logits(static_cast<size_t>(vocabulary_));
  for (const TokenId token : guess) {
    std::fill(logits.begin(), logits.end(), 1.0f);
    apply_rules(rules_, {.prompt = so_far.prompt, .generated = generated}, logits);
    if (static_cast<size_t>(token) >= logits.size() ||
        logits[static_cast<size_t>(token)] <= std::numeric_limits<float>::lowest())
      break;
    taken.push_back(token);
    generated.push_back(token);
  }
  return taken;
}

std::vector<TokenId> PromptLookup::candidates(const TokensSoFar& so_far) const {
  const auto text = all_tokens(so_far);
  const auto length = static_cast<int64_t>(text.size());
  // The model adds a token of its own to those guessed.
  if (limits_.max_length <= length + 1) return {};
  const std::span<const TokenId> all = text;
  for (int64_t size = std::min(limits_.ngram, length - 1); size > 0; --size) {
    const auto last = all.last(static_cast<size_t>(size));
    for (int64_t begin = 0; begin + size < length; ++begin) {
      const auto there = all.subspan(static_cast<size_t>(begin), static_cast<size_t>(size));
      if (!std::equal(last.begin(), last.end(), there.begin())) continue;
      const int64_t from = begin + size;
      const int64_t end = std::min({from + limits_.tokens, length, limits_.max_length});
      const auto guess = all.subspan(static_cast<size_t>(from), static_cast<size_t>(end - from));
      auto taken = allowed(so_far, guess);
      if (taken.empty()) continue;
      taken.erase(std::find_first_of(taken.begin(), taken.end(), end_tokens_.begin(), end_tokens_.end()),
                  taken.end());
      const int64_t room = limits_.max_length - length - 1;
      if (static_cast<int64_t>(taken.size()) > room) taken.resize(static_cast<size_t>(room));
      return taken;
    }
  }
  return {};
}

std::vector<TokenId> accept_guess(std::span<const TokenId> guess, std::span<float> logits,
                                  const TokensSoFar& so_far, const LogitRules& rules,
                                  std::span<const TokenId> end_tokens, Sampler& sampler, float temperature) {
  const size_t vocabulary = logits.size() / (guess.size() + 1);
  std::vector<TokenId> generated(so_far.generated.begin(), so_far.generated.end());
  std::vector<TokenId> accepted;
  for (size_t i = 0; i <= guess.size(); ++i) {
    const auto row = logits.subspan(i * vocabulary, vocabulary);
    apply_rules(rules, {.prompt = so_far.prompt, .generated = generated}, row);
    const TokenId token = sampler.sample(row, temperature);
    if (token < 0) break;
    accepted.push_back(token);
    generated.push_back(token);
    const bool ends = std::find(end_tokens.begin(), end_tokens.end(), token) != end_tokens.end();
    if (ends || (i < guess.size() && token != guess[i])) break;
  }
  return accepted;
}

}  // namespace millrace
