#include "models/layers/picture_positions.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/layers/resample.h"

namespace millrace {

Tensor rows_of_weight(const WeightScope& scope, std::string_view name, int64_t width) {
  const Shape shape = scope.shape(name);
  const Tensor stored = scope.get_any(name, static_cast<int64_t>(shape.size()));
  const int64_t rows = width > 0 ? stored.count() / width : 0;
  if (shape.empty() || shape.back() != width || (shape.size() > 1 && shape[shape.size() - 2] != rows))
    fail_at(ErrorKind::model, scope.place(name), "has shape {}, but the model's configuration needs [n, {}]",
            to_string(shape), width);
  return stored.to_float32().reshaped({rows, width});
}

PicturePositions::PicturePositions(const WeightScope& scope, PictureSize patches, int64_t width)
    : patches_(patches),
      values_(
          rows_of_weight(scope, scope.has("positions.weight") ? "positions.weight" : "positions", width)) {
  if (tokens() < 0)
    fail_at(ErrorKind::model, scope.place("positions"), "has {} rows, fewer than the {} patches of a picture",
            values_.dim(0), patches.height * patches.width);
}

Tensor PicturePositions::of(PictureSize patches, ResampleFilter filter) const {
  if (patches == patches_) return values_;
  // What was trained is taken for a square, as transformers takes it.
  const int64_t trained = patches_.height * patches_.width;
  const auto side = static_cast<int64_t>(std::sqrt(static_cast<double>(trained)));
  if (side * side != trained)
    fail(ErrorKind::input,
         "the model's {} x {} positions are no square and cannot be resampled for other pictures",
         patches_.height, patches_.width);
  const int64_t width = values_.dim(1), count = tokens();
  Tensor result(DType::float32, {count + patches.height * patches.width, width});
  std::copy_n(values_.data<float>(), count * width, result.mutable_data<float>());
  resample({.filter = filter,
            .x = values_.data<float>() + count * width,
            .height = side,
            .width = side,
            .channels = width,
            .y = result.mutable_data<float>() + count * width,
            .out_height = patches.height,
            .out_width = patches.width});
  return result;
}

}  // namespace millrace
