#include "nodes/predictions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/kernels.h"

namespace millrace {
namespace {

std::vector<float> scores_of(std::span<const float> logits, LabelSet::Scores scores) {
  std::vector<float> result(logits.begin(), logits.end());
  const auto count = std::ssize(result);
  if (scores == LabelSet::Scores::softmax) kernels::softmax(result.data(), 1, count);
  if (scores == LabelSet::Scores::sigmoid)
    for (float& score : result) score = 1 / (1 + std::exp(-score));
  return result;
}

}  // namespace

Predictions best_labels(std::span<const float> logits, const LabelSet& labels, int64_t top_k) {
  const auto scores = scores_of(logits, labels.scores);
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto count = std::min(static_cast<size_t>(top_k), order.size());
  std::ranges::partial_sort(
      order, order.begin() + static_cast<std::ptrdiff_t>(count),
      [&](size_t a, size_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  Predictions predictions;
  for (size_t i = 0; i < count; ++i)
    predictions.best.push_back({.index = static_cast<int64_t>(order[i]),
                                .label = labels.names[order[i]],
                                .score = static_cast<double>(scores[order[i]])});
  return predictions;
}

}  // namespace millrace
