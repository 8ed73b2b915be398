#include "decoders/rules/entropy_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "decoders/rules/distribution.h"

namespace millrace {
namespace {

constexpr float kRuledOut = -std::numeric_limits<float>::infinity();
constexpr size_t kTopHTokens = 100;

}  // namespace

void TypicalP::apply(const TokensSoFar&, std::span<float> logits) const {
  const auto logs = log_probabilities_of(logits);
  const float entropy = entropy_of(logs);
  const auto probabilities = probabilities_of(logits);
  std::vector<float> distance(logits.size());
  for (size_t i = 0; i < logits.size(); ++i) distance[i] = std::abs(-logs[i] - entropy);
  std::vector<uint32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return distance[a] < distance[b]; });

  size_t last = 0;  // the first in order that reaches the mass
  double sum = 0;
  for (; last + 1 < order.size(); ++last) {
    sum += static_cast<double>(probabilities[order[last]]);
    if (!(static_cast<float>(sum) < mass_)) break;
  }
  for (size_t i = static_cast<size_t>(keep_); i < order.size(); ++i)
    if (distance[order[i]] > distance[order[last]]) logits[order[i]] = kRuledOut;
}

void EtaCutoff::apply(const TokensSoFar&, std::span<float> logits) const {
  if (logits.empty()) return;
  const auto probabilities = probabilities_of(logits);
  const float entropy = categorical_entropy(logits);
  const float bar = std::min(epsilon_, std::sqrt(epsilon_) * std::exp(-entropy));
  const float last = ranked_value(logits, std::min(logits.size(), static_cast<size_t>(keep_)));
  for (size_t i = 0; i < logits.size(); ++i)
    if (probabilities[i] < bar && logits[i] < last) logits[i] = kRuledOut;
}

void TopH::apply(const TokensSoFar&, std::span<float> logits) const {
  const auto top = top_entries(logits, kTopHTokens);
  if (top.empty() || top.front().first == kRuledOut) return;
  std::vector<float> best;
  for (const auto& [logit, place] : top) best.push_back(logit);
  const auto probabilities = probabilities_of(best);
  const float bar = categorical_entropy(best) * h_;
  std::fill(logits.begin(), logits.end(), kRuledOut);
  double sum = 0;
  for (size_t i = 0; i < best.size() && probabilities[i] > 0; ++i) {
    sum += static_cast<double>(-probabilities[i] * std::log(probabilities[i]));
    if (i > 0 && !(static_cast<float>(sum) <= bar)) break;
    logits[static_cast<size_t>(top[i].second)] = best[i];
  }
}

}  // namespace millrace
