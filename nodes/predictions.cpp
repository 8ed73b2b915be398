#include "nodes/predictions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/kernels.h"

namespace millrace {
namespace {

// One after the other, [n, channels, height, width].
Tensor stacked(std::span<const Ref<PixelValues>> pictures) {
  Shape shape = pictures.front()->values.shape();
  shape.insert(shape.begin(), std::ssize(pictures));
  Tensor result(DType::float32, shape);
  float* to = result.mutable_data<float>();
  for (const auto& picture : pictures) to = std::ranges::copy(picture->values.values<float>(), to).out;
  return result;
}

std::vector<float> scores_of(std::span<const float> logits, LabelSet::Scores scores) {
  std::vector<float> result(logits.begin(), logits.end());
  const auto count = std::ssize(result);
  if (scores == LabelSet::Scores::softmax) kernels::softmax(result.data(), 1, count);
  if (scores == LabelSet::Scores::sigmoid)
    for (float& score : result) score = 1 / (1 + std::exp(-score));
  return result;
}

}  // namespace

void each_alike(std::span<const Ref<PixelValues>> pictures, const std::function<void(const Tensor&)>& run) {
  for (size_t first = 0; first < pictures.size();) {
    size_t last = first + 1;
    while (last < pictures.size() && pictures[last]->values.shape() == pictures[first]->values.shape())
      ++last;
    run(stacked(pictures.subspan(first, last - first)));
    first = last;
  }
}

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

std::vector<Predictions> best_labels(const Tensor& logits, const LabelSet& labels, int64_t top_k) {
  std::vector<Predictions> result;
  const auto width = static_cast<size_t>(logits.dim(1));
  for (size_t i = 0; i < static_cast<size_t>(logits.dim(0)); ++i)
    result.push_back(best_labels(logits.values<float>().subspan(i * width, width), labels, top_k));
  return result;
}

}  // namespace millrace
