#include "nodes/image_smooth.h"

#include <algorithm>

namespace millrace {

void ImageSmooth::operator()(State& state, const In& in, Emit<Out>& emit) const {
  std::map<int64_t, double> scores;
  for (const auto& [index, label, score] : in.predictions->best) {
    scores[index] = score;
    state.labels.try_emplace(index, label);
  }
  state.scores.add(scores, in.image->seconds.value_or(0));
  Predictions smoothed;
  for (const auto& [index, score] : state.scores.scores())
    smoothed.best.push_back({.index = index, .label = {}, .score = score});
  const auto count = std::min(static_cast<size_t>(params_.top_k), smoothed.best.size());
  std::ranges::partial_sort(smoothed.best, smoothed.best.begin() + static_cast<std::ptrdiff_t>(count),
                            [](const auto& a, const auto& b) {
                              return a.score != b.score ? a.score > b.score : a.index < b.index;
                            });
  smoothed.best.resize(count);
  for (Prediction& one : smoothed.best) one.label = state.labels.at(one.index);
  emit({.image = in.image, .predictions = std::move(smoothed)});
}

}  // namespace millrace
