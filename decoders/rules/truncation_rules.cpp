#include "decoders/rules/truncation_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "decoders/rules/distribution.h"

namespace millrace {
namespace {

constexpr float kRuledOut = -std::numeric_limits<float>::infinity();

}  // namespace

void Temperature::apply(const TokensSoFar&, std::span<float> logits) const {
  if (logits.empty()) return;
  const float best = *std::max_element(logits.begin(), logits.end());
  if (best == kRuledOut) return;
  const bool overflows = temperature_ <= 0 || !std::isfinite(best / temperature_);
  for (float& logit : logits) {
    if (overflows) {
      logit = logit == best ? 0 : kRuledOut;
    } else {
      logit /= temperature_;
    }
  }
}

void TopK::apply(const TokensSoFar&, std::span<float> logits) const {
  if (k_ >= static_cast<int64_t>(logits.size())) return;
  const float last = ranked_value(logits, static_cast<size_t>(k_));
  for (float& logit : logits)
    if (logit < last) logit = kRuledOut;
}

void TopP::apply(const TokensSoFar&, std::span<float> logits) const {
  const auto probabilities = probabilities_of(logits);
  std::vector<uint32_t> order;  // of what has a chance
  for (uint32_t i = 0; i < logits.size(); ++i)
    if (logits[i] != kRuledOut) order.push_back(i);
  const auto likelier = [&](uint32_t a, uint32_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a > b;
  };
  double tail = 0;  // the probability of what is not among the likeliest yet
  for (const float probability : probabilities) tail += static_cast<double>(probability);
  const auto bar = static_cast<float>(1 - p_);
  // Nearly always a few tokens are enough: sort no more than that, in chunks that grow.
  size_t sorted = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == sorted) {
      sorted = std::min(order.size(), std::max<size_t>(64, 4 * sorted));
      const auto begin = order.begin() + static_cast<ptrdiff_t>(i);
      std::partial_sort(begin, order.begin() + static_cast<ptrdiff_t>(sorted), order.end(), likelier);
    }
    // `tail` is what transformers has summed from the least likely token up to this one.
    if (static_cast<int64_t>(i) >= keep_ && static_cast<float>(tail) <= bar) {
      for (size_t j = i; j < order.size(); ++j) logits[order[j]] = kRuledOut;
      return;
    }
    tail -= static_cast<double>(probabilities[order[i]]);
  }
}

void MinP::apply(const TokensSoFar&, std::span<float> logits) const {
  if (logits.empty()) return;
  const auto probabilities = probabilities_of(logits);
  const float bar = p_ * *std::max_element(probabilities.begin(), probabilities.end());
  std::vector<float> before(logits.begin(), logits.end());
  for (size_t i = 0; i < logits.size(); ++i)
    if (probabilities[i] < bar) logits[i] = kRuledOut;
  if (keep_ < 2) return;  // the likeliest one is never below the bar
  for (const auto& [value, place] : top_entries(probabilities, static_cast<size_t>(keep_)))
    logits[static_cast<size_t>(place)] = before[static_cast<size_t>(place)];
}

void EpsilonCutoff::apply(const TokensSoFar&, std::span<float> logits) const {
  if (logits.empty()) return;
  const auto probabilities = probabilities_of(logits);
  const float last = ranked_value(logits, std::min(logits.size(), static_cast<size_t>(keep_)));
  for (size_t i = 0; i < logits.size(); ++i)
    if (probabilities[i] < epsilon_ && logits[i] < last) logits[i] = kRuledOut;
}

}  // namespace millrace
