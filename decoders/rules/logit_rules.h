#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace millrace {

// What a sequence consists of when its next token is chosen.
struct TokensSoFar {
  std::span<const TokenId> prompt;     // given
  std::span<const TokenId> generated;  // written by the model so far
};

// Changes the logits [vocabulary] of the next token before it is chosen: -infinity rules a token out.
// Immutable.
class LogitRule {
 public:
  virtual ~LogitRule() = default;
  virtual void apply(const TokensSoFar& so_far, std::span<float> logits) const = 0;
};

// Prompt and generated tokens in one row.
std::vector<TokenId> all_tokens(const TokensSoFar& so_far);

using LogitRules = std::vector<std::shared_ptr<const LogitRule>>;

void apply_rules(const LogitRules& rules, const TokensSoFar& so_far, std::span<float> logits);

// Sets logits[id] to -infinity; ids outside the vocabulary are ignored.
void rule_out(std::span<float> logits, TokenId id);
// As above for all of [first, end).
void rule_out(std::span<float> logits, TokenId first, TokenId end);

// Tokens that are never chosen.
class SuppressTokens : public LogitRule {
 public:
  explicit SuppressTokens(std::vector<TokenId> tokens) : tokens_(std::move(tokens)) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  std::vector<TokenId> tokens_;
};

// Tokens that are not chosen first.
class SuppressTokensAtBegin : public LogitRule {
 public:
  explicit SuppressTokensAtBegin(std::vector<TokenId> tokens) : tokens_(std::move(tokens)) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  std::vector<TokenId> tokens_;
};

// Makes tokens that were seen before less likely: a positive logit is divided by the penalty, a negative one
// multiplied (Keskar et al., "CTRL", 2019), once however often the token was seen.
class RepetitionPenalty : public LogitRule {
 public:
  enum class Scope { generated, prompt_and_generated };
  RepetitionPenalty(float penalty, Scope scope) : penalty_(penalty), scope_(scope) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  float penalty_;
  Scope scope_;
};

// No sequence of `size` tokens appears twice: among the generated ones alone, as faster-whisper has it, or in
// prompt and generated tokens together, as transformers has it.
class NoRepeatNgram : public LogitRule {
 public:
  enum class Scope { generated, prompt_and_generated };
  explicit NoRepeatNgram(int64_t size, Scope scope = Scope::generated) : size_(size), scope_(scope) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  int64_t size_;
  Scope scope_;
};

}  // namespace millrace
