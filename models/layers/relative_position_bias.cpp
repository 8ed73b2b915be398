#include "models/layers/relative_position_bias.h"

#include <algorithm>

#include "models/layers/resample.h"

namespace millrace {

RelativePositionBias::RelativePositionBias(const WeightScope& scope, int64_t height, int64_t width,
                                           int64_t heads, bool class_token)
    : height_(height),
      width_(width),
      heads_(heads),
      class_rows_(class_token ? 3 : 0),
      table_(scope.get_float("relative_position_bias_table",
                             {(2 * height - 1) * (2 * width - 1) + class_rows_, heads})) {}

Tensor RelativePositionBias::scores(int64_t height, int64_t width) const {
  const int64_t distances = (2 * height - 1) * (2 * width - 1), positions = height * width;
  const int64_t first = class_rows_ > 0 ? 1 : 0, n = positions + first;
  const float* between = table_.data<float>();
  const float* special = between + (table_.dim(0) - class_rows_) * heads_;
  Tensor resampled;
  // transformers takes the table's lines for its columns, and so resamples where these are not as many.
  if (height != width_ || width != height_) {
    resampled = Tensor(DType::float32, {distances, heads_});
    resample({.filter = ResampleFilter::bilinear,
              .x = between,
              .height = 2 * width_ - 1,
              .width = 2 * height_ - 1,
              .channels = heads_,
              .y = resampled.mutable_data<float>(),
              .out_height = 2 * height - 1,
              .out_width = 2 * width - 1});
    between = resampled.data<float>();
  }
  Tensor result(DType::float32, {heads_, n, n});
  for (int64_t head = 0; head < heads_; ++head) {
    float* to = result.mutable_data<float>() + head * n * n;
    const auto of = [&](int64_t row) { return special[row * heads_ + head]; };
    if (first > 0) {
      std::fill_n(to, n, of(0));
      for (int64_t i = 0; i < n; ++i) to[i * n] = of(1);
      *to = of(2);
    }
    for (int64_t i = 0; i < positions; ++i)
      for (int64_t j = 0; j < positions; ++j) {
        const int64_t y = i / width - j / width + height - 1, x = i % width - j % width + width - 1;
        to[(i + first) * n + j + first] = between[(y * (2 * width - 1) + x) * heads_ + head];
      }
  }
  return result;
}

}  // namespace millrace
