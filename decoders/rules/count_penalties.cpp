#include "decoders/rules/count_penalties.h"

namespace millrace {

void CountPenalties::apply(const TokensSoFar& so_far, std::span<float> logits) const {
  std::map<TokenId, int64_t> counts;
  for (const TokenId token : so_far.generated) ++counts[token];
  for (const auto& [token, count] : counts)
    if (token >= 0 && static_cast<size_t>(token) < logits.size())
      logits[static_cast<size_t>(token)] -= static_cast<float>(count) * frequency_ + presence_;
}

void LogitBias::apply(const TokensSoFar&, std::span<float> logits) const {
  for (const auto& [token, bias] : biases_)
    if (token >= 0 && static_cast<size_t>(token) < logits.size()) logits[static_cast<size_t>(token)] += bias;
}

}  // namespace millrace
