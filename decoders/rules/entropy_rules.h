#pragma once
#include <cstdint>

#include "decoders/rules/logit_rules.h"

// Rules for sampling whose thresholds follow the entropy of the distribution. `keep` tokens stay whatever the
// threshold says (min_tokens_to_keep).
namespace millrace {

// The tokens whose surprise is nearest to the entropy, up to a probability of `mass` together (Meister et
// al., "Locally typical sampling", 2022).
class TypicalP : public LogitRule {
 public:
  TypicalP(float mass, int64_t keep) : mass_(mass), keep_(keep) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  float mass_;
  int64_t keep_;
};

// Epsilon cutoff whose bar falls with the entropy: min(epsilon, sqrt(epsilon) * exp(-entropy)) (Hewitt et
// al., "Truncation sampling as language model desmoothing", 2022).
class EtaCutoff : public LogitRule {
 public:
  EtaCutoff(float epsilon, int64_t keep) : epsilon_(epsilon), keep_(keep) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  float epsilon_;
  int64_t keep_;
};

// The likeliest tokens whose terms of the entropy sum up to at most h times the entropy of the likeliest 100
// (Potraghloo et al., "Top-H decoding", 2025); the likeliest one always.
class TopH : public LogitRule {
 public:
  explicit TopH(float h) : h_(h) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  float h_;
};

}  // namespace millrace
