#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace millrace {

// softmax(logits) in float32 with accurate exponentials: the rules compare these with thresholds, where an
// approximation would let tokens in or out that transformers does not. All 0 when every logit is -infinity.
std::vector<float> probabilities_of(std::span<const float> logits);

// log_softmax(logits); all -infinity when every logit is.
std::vector<float> log_probabilities_of(std::span<const float> logits);

// -sum(p * log p), in nats.
float entropy_of(std::span<const float> log_probabilities);

// As above of softmax(logits), rounded as torch.distributions.Categorical does it: where logits are so large
// that log_softmax is not to be told from 0, this is 0.
float categorical_entropy(std::span<const float> logits);

// The `count` largest values with their places, best first. Among equals the order is that of torch.topk on
// CPUs, whose choice of algorithm (partial sort for few, selection for many) this follows.
std::vector<std::pair<float, int64_t>> top_entries(std::span<const float> values, size_t count);

// The value of rank `count` (1 is the largest); count is at least 1 and at most the number of values.
float ranked_value(std::span<const float> values, size_t count);

// The tokens that a draw may give, in ascending order, with their probabilities.
struct TokenChances {
  std::vector<TokenId> kept;
  std::vector<float> probabilities;
};

// softmax(logits) without what has no chance.
TokenChances chances_of(std::span<const float> logits);

}  // namespace millrace
