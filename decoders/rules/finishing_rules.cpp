#include "decoders/rules/finishing_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "decoders/rules/distribution.h"

namespace millrace {

void ReplaceInvalid::apply(const TokensSoFar&, std::span<float> logits) const {
  using Limits = std::numeric_limits<float>;
  for (float& logit : logits)
    logit = std::isnan(logit) ? 0 : std::clamp(logit, Limits::lowest(), Limits::max());
}

void Renormalize::apply(const TokensSoFar&, std::span<float> logits) const {
  const auto normalized = log_probabilities_of(logits);
  std::copy(normalized.begin(), normalized.end(), logits.begin());
}

}  // namespace millrace
