#pragma once
#include <map>
#include <vector>

#include "decoders/rules/logit_rules.h"

namespace millrace {

// Adds a bias to the last token of each sequence wherever the tokens before it were just written (or given):
// transformers' sequence_bias. The biases of a token add up; -infinity rules it out.
class SequenceBias : public LogitRule {
 public:
  using Biases = std::map<std::vector<TokenId>, float>;
  explicit SequenceBias(Biases biases) : biases_(std::move(biases)) {}
  void apply(const TokensSoFar& so_far, std::span<float> logits) const override;

 private:
  Biases biases_;
};

// Sequences that never appear: transformers' bad_words_ids, which leaves sequences that are an end token
// alone allowed.
SequenceBias::Biases biases_against(const std::vector<std::vector<TokenId>>& sequences,
                                    const std::vector<TokenId>& end_tokens);

}  // namespace millrace
