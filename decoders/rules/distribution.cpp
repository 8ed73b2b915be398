#include "decoders/rules/distribution.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace millrace {
namespace {

constexpr float kRuledOut = -std::numeric_limits<float>::infinity();

float largest_of(std::span<const float> values) {
  return values.empty() ? kRuledOut : *std::max_element(values.begin(), values.end());
}

}  // namespace

std::vector<float> probabilities_of(std::span<const float> logits) {
  std::vector<float> probabilities(logits.size());
  const float best = largest_of(logits);
  if (best == kRuledOut) return probabilities;
  double total = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    probabilities[i] = logits[i] == kRuledOut ? 0.0f : std::exp(logits[i] - best);
    total += static_cast<double>(probabilities[i]);
  }
  const auto sum = static_cast<float>(total);
  for (float& probability : probabilities) probability /= sum;
  return probabilities;
}

std::vector<float> log_probabilities_of(std::span<const float> logits) {
  std::vector<float> logs(logits.begin(), logits.end());
  const float best = largest_of(logits);
  if (best == kRuledOut) return logs;
  double total = 0;
  for (const float logit : logits)
    if (logit != kRuledOut) total += static_cast<double>(std::exp(logit - best));
  const auto log_sum = static_cast<float>(std::log(total));
  for (float& value : logs) value = value - best - log_sum;
  return logs;
}

float entropy_of(std::span<const float> log_probabilities) {
  double entropy = 0;
  for (const float log : log_probabilities)
    if (log != kRuledOut) entropy -= static_cast<double>(std::exp(log) * log);
  return static_cast<float>(entropy);
}

float categorical_entropy(std::span<const float> logits) {
  const float best = largest_of(logits);
  if (best == kRuledOut) return 0;
  double total = 0;
  for (const float logit : logits)
    if (logit != kRuledOut) total += static_cast<double>(std::exp(logit - best));
  const float log_sum = best + static_cast<float>(std::log(total));
  std::vector<float> logs(logits.begin(), logits.end());
  for (float& value : logs) value -= log_sum;
  const auto probabilities = probabilities_of(logs);
  double entropy = 0;
  for (size_t i = 0; i < logs.size(); ++i)
    if (logs[i] != kRuledOut) entropy -= static_cast<double>(probabilities[i] * logs[i]);
  return static_cast<float>(entropy);
}

std::vector<std::pair<float, int64_t>> top_entries(std::span<const float> values, size_t count) {
  using Entry = std::pair<float, int64_t>;
  std::vector<Entry> entries(values.size());
  for (size_t i = 0; i < values.size(); ++i) entries[i] = {values[i], static_cast<int64_t>(i)};
  count = std::min(count, entries.size());
  if (count == 0) return {};
  const auto better = [](const Entry& a, const Entry& b) { return a.first > b.first; };
  const auto end = entries.begin() + static_cast<ptrdiff_t>(count);
  if (count * 64 <= entries.size()) {
    std::partial_sort(entries.begin(), end, entries.end(), better);
  } else {
    std::nth_element(entries.begin(), end - 1, entries.end(), better);
    std::sort(entries.begin(), end - 1, better);
  }
  entries.resize(count);
  return entries;
}

float ranked_value(std::span<const float> values, size_t count) {
  std::vector<float> copy(values.begin(), values.end());
  const auto place = copy.begin() + static_cast<ptrdiff_t>(count - 1);
  std::nth_element(copy.begin(), place, copy.end(), std::greater<>());
  return *place;
}

TokenChances chances_of(std::span<const float> logits) {
  const auto all = probabilities_of(logits);
  TokenChances chances;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i] <= 0) continue;
    chances.kept.push_back(static_cast<TokenId>(i));
    chances.probabilities.push_back(all[i]);
  }
  return chances;
}

}  // namespace millrace
