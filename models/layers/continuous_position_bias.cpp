#include "models/layers/continuous_position_bias.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

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

// [distances, heads], line by line. In float32, however the model's weights are held.
Tensor bias_table(const WeightScope& scope, const std::vector<float>& distances, int64_t heads) {
  const Shape shape = scope.shape("up.weight");
  const int64_t count = std::ssize(distances), width = shape.empty() ? 0 : shape[0];
  const Tensor up = scope.get_float("up.weight", {width, 2}), shift = scope.get_float("up.bias", {width}),
               down = scope.get_float("down.weight", {heads, width});
  Tensor table(DType::float32, {count * count, heads});
  std::vector<float> inner(static_cast<size_t>(width));
  float* value = table.mutable_data<float>();
  for (const float y : distances)
    for (const float x : distances) {
      for (int64_t i = 0; i < width; ++i) {
        const float* weight = up.data<float>() + 2 * i;
        inner[static_cast<size_t>(i)] = std::max(weight[0] * y + weight[1] * x + shift.data<float>()[i], 0.f);
      }
      for (int64_t head = 0; head < heads; ++head) {
        const float* weight = down.data<float>() + head * width;
        *value++ = 16 / (1 + std::exp(-std::inner_product(inner.begin(), inner.end(), weight, 0.f)));
      }
    }
  return table;
}

}  // namespace

Tensor continuous_position_bias(const WeightScope& scope, int64_t window, int64_t trained_window,
                                int64_t heads) {
  const auto distances = log_distances(window, trained_window);
  const Tensor table = bias_table(scope.at("position_bias"), distances, heads);
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
