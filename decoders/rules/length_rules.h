#pragma once
#include <cstdint>
#include <set>
#include <vector>

#include "decoders/rules/logit_rules.h"

namespace millrace {

// No end token before there are `least` tokens: of prompt and generated together (min_length), or generated
// (min_new_tokens).
class NoEndBefore : public LogitRule {
 public:
  enum class Counted { all, generated };
  NoEndBefore(int64_t least, Counted counted, std::vector<TokenId> end_tokens)
      : least_(least), counted_(counted), end_tokens_(std::move(end_tokens)) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  int64_t least_;
  Counted counted_;
  std::vector<TokenId> end_tokens_;
};

// Only these tokens, equally likely, as the one at index `position` of prompt and generated tokens together:
// forced_bos_token_id is at 1, after an encoder-decoder's start token; forced_eos_token_id is the last one.
class ForcedTokens : public LogitRule {
 public:
  enum class Counted { all, generated };
  ForcedTokens(int64_t position, Counted counted, std::vector<TokenId> tokens)
      : position_(position), counted_(counted), tokens_(std::move(tokens)) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  int64_t position_;
  Counted counted_;
  std::vector<TokenId> tokens_;
};

// exponential_decay_length_penalty: beyond `start` generated tokens the end tokens' logits grow by
// |logit| * (factor ^ (tokens beyond) - 1).
class EndMoreLikely : public LogitRule {
 public:
  EndMoreLikely(int64_t start, double factor, const std::vector<TokenId>& end_tokens)
      : start_(start), factor_(factor), end_tokens_(end_tokens.begin(), end_tokens.end()) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  int64_t start_;
  double factor_;
  std::set<TokenId> end_tokens_;  // each once, however often it was named
};

// begin_suppress_tokens: not the first of what is generated freely, which is the second generated token where
// forced_bos_token_id takes the first.
class SuppressFirstFree : public LogitRule {
 public:
  SuppressFirstFree(std::vector<TokenId> tokens, bool begin_is_forced)
      : tokens_(std::move(tokens)), begin_is_forced_(begin_is_forced) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  std::vector<TokenId> tokens_;
  bool begin_is_forced_;
};

}  // namespace millrace
