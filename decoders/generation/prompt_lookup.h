#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "decoders/rules/logit_rules.h"
#include "decoders/search/sampler.h"

namespace millrace {

// Guesses the next tokens from what followed the last ones earlier in the same text (Saxena, "Prompt lookup
// decoding", 2023), as transformers' prompt_lookup_num_tokens: a model then checks several tokens in one
// pass. The longest n-gram at the end that was there before counts, at its first place whose continuation the
// rules allow.
class PromptLookup {
 public:
  struct Limits {
    int64_t tokens = 10;     // guessed at once
    int64_t ngram = 2;       // the longest that is looked for
    int64_t max_length = 0;  // of prompt and generated tokens together
  };
  // `rules` say what is forbidden, whatever the model's logits: leave out those that sampling adds. They may
  // be empty. A guess ends before any of `end_tokens`.
  PromptLookup(const Limits& limits, LogitRules rules, std::vector<TokenId> end_tokens, int64_t vocabulary);

  // Empty when there is nothing to guess.
  std::vector<TokenId> candidates(const TokensSoFar& so_far) const;

 private:
  std::vector<TokenId> allowed(const TokensSoFar& so_far, std::span<const TokenId> guess) const;

  Limits limits_;
  LogitRules rules_;
  std::vector<TokenId> end_tokens_;
  int64_t vocabulary_;
};

// The tokens that a pass over `guess` gives, at least one. `logits` [guess + 1, vocabulary] are the model's
// after each of them, the first row being that before the guess; they are changed by the rules. Each token is
// chosen as it would be without a guess, by the same sampler at the same temperature (0: the best), and the
// next row counts only while choice and guess agree: so the text is the same, token for token, for any seed.
// Ends at an end token, and where everything is ruled out.
std::vector<TokenId> accept_guess(std::span<const TokenId> guess, std::span<float> logits,
                                  const TokensSoFar& so_far, const LogitRules& rules,
                                  std::span<const TokenId> end_tokens, Sampler& sampler, float temperature);

}  // namespace millrace
