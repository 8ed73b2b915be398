#include "models/layers/continuous_position_bias.h"

#include <algorithm>
#include <cmath>

#include "models/layers/linear.h"

namespace millrace {
namespace {

// Of every distance along one axis, from 1 - window to window - 1.
std::vector<float> log_distances(int64_t window, int64_t trained_window) {
  const int64_t largest = trained_window > 0 ? trained_window - 1 : std::max<int64_t>(window - 1, 1);
  std::vector<float> result;
  for (int64_t distance = 1 - window; distance < window; ++distance) {
    const float share = 8 * (static_cast<float>(distance) / static_cast<float>(largest));
    result.push_back(std::copysign(std::log2(std::abs(share) + 1) / 3, share));
  }
  return result;
}

// [distances, heads], line by line.
Tensor bias_table(const WeightScope& scope, const std::vector<float>& distances, int64_t heads) {
  const auto count = std::ssize(distances);
  Tensor pairs(DType::float32, {count * count, 2});
  float* pair = pairs.mutable_data<float>();
  for (const float y : distances)
    for (const float x : distances) *pair++ = y, *pair++ = x;
  const Shape shape = scope.shape("position_bias.up.weight");
  const Linear up(scope.at("position_bias.up"), shape.empty() ? 0 : shape[0], 2);
  const Linear down(scope.at("position_bias.down"), heads, up.outputs());
  Tensor inner(DType::float32, {count * count, up.outputs()}), table(DType::float32, {count * count, heads});
  const auto rows = [](Tensor& tensor) {
    const int64_t width = tensor.dim(1);
    return Rows{tensor.mutable_data<float>(), tensor.dim(0), width, static_cast<size_t>(width)};
  };
  up.forward(rows(pairs), rows(inner), {.activation = kernels::Activation::relu});
  down.forward(rows(inner), rows(table));
  for (float& value : std::span(table.mutable_data<float>(), static_cast<size_t>(table.count())))
    value = 16 / (1 + std::exp(-value));
  return table;
}

}  // namespace

Tensor continuous_position_bias(const WeightScope& scope, int64_t window, int64_t trained_window,
                                int64_t heads) {
  const auto distances = log_distances(window, trained_window);
  const Tensor table = bias_table(scope, distances, heads);
  const int64_t n = window * window, line = std::ssize(distances);
  Tensor scores(DType::float32, {heads, n, n});
  float* score = scores.mutable_data<float>();
  for (int64_t head = 0; head < heads; ++head)
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) {
        const int64_t y = i / window - j / window + window - 1, x = i % window - j % window + window - 1;
        *score++ = table.data<float>()[(y * line + x) * heads + head];
      }
  return scores;
}

}  // namespace millrace
