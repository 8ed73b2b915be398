#include "decoders/rules/sequence_rules.h"

#include <algorithm>
#include <limits>

namespace millrace {

void SequenceBias::apply(const TokensSoFar& so_far, std::span<float> logits) const {
  const auto tokens = all_tokens(so_far);
  std::map<size_t, float> bias_of;  // summed before it is added, as the order of float additions shows
  for (const auto& [sequence, bias] : biases_) {
    const size_t before = sequence.size() - 1;
    if (before > tokens.size()) continue;
    const auto last = static_cast<size_t>(sequence.back());
    if (last < logits.size() &&
        std::equal(sequence.begin(), sequence.end() - 1, tokens.end() - static_cast<ptrdiff_t>(before)))
      bias_of[last] += bias;
  }
  for (const auto& [token, bias] : bias_of) logits[token] += bias;
}

SequenceBias::Biases biases_against(const std::vector<std::vector<TokenId>>& sequences,
                                    const std::vector<TokenId>& end_tokens) {
  SequenceBias::Biases biases;
  for (const auto& sequence : sequences) {
    const bool ends = sequence.size() == 1 &&
                      std::find(end_tokens.begin(), end_tokens.end(), sequence[0]) != end_tokens.end();
    if (!ends) biases[sequence] = -std::numeric_limits<float>::infinity();
  }
  return biases;
}

}  // namespace millrace
