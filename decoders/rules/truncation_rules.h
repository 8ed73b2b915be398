#pragma once
#include <cstdint>

#include "decoders/rules/logit_rules.h"

// What transformers applies only when it samples: rules that flatten or sharpen the distribution and cut off
// its tail. `keep` tokens stay whatever the threshold says (min_tokens_to_keep). Numbers are float32, as
// there.
namespace millrace {

// Logits / temperature. Where that overflows float32, what is left is the limit: the best tokens, equally
// likely.
class Temperature : public LogitRule {
 public:
  explicit Temperature(float temperature) : temperature_(temperature) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  float temperature_;
};

// The k likeliest tokens, and those as likely as the last of them.
class TopK : public LogitRule {
 public:
  TopK(int64_t k, int64_t keep) : k_(k > keep ? k : keep) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  int64_t k_;
};

// The fewest tokens, likeliest first, that have a probability of p together (Holtzman et al., "The curious
// case of neural text degeneration", 2020). Of equally likely tokens those with higher ids stay.
class TopP : public LogitRule {
 public:
  TopP(double p, int64_t keep) : p_(p), keep_(keep) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  double p_;
  int64_t keep_;
};

// Tokens that are at least p times as likely as the likeliest (Nguyen et al., "Turning up the heat: min-p
// sampling", 2024).
class MinP : public LogitRule {
 public:
  MinP(float p, int64_t keep) : p_(p), keep_(keep) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  float p_;
  int64_t keep_;
};

// Tokens that are at least epsilon likely (Hewitt et al., "Truncation sampling as language model
// desmoothing", 2022).
class EpsilonCutoff : public LogitRule {
 public:
  EpsilonCutoff(float epsilon, int64_t keep) : epsilon_(epsilon), keep_(keep) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  float epsilon_;
  int64_t keep_;
};

}  // namespace millrace
