#include "models/layers/picture_positions.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/error.h"
#include "models/layers/position_buckets.h"
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

PicturePositions::PicturePositions(Tensor values, const Layout& layout)
    : layout_(layout), values_(std::move(values)) {
  assert(values_.dim(0) == layout.before + layout.patches.height * layout.patches.width + layout.behind);
}

Tensor PicturePositions::of(PictureSize patches, ResampleFilter filter) const {
  PictureSize trained = layout_.patches;
  const int64_t count = trained.height * trained.width, width = values_.dim(1);
  const auto side = static_cast<int64_t>(std::sqrt(static_cast<double>(count)));
  if (layout_.as_square && side * side == count) trained = {side, side};
  if (patches == trained) return values_;
  if (layout_.as_square && side * side != count)
    fail(ErrorKind::input,
         "the model's {} x {} positions are no square and cannot be resampled for other pictures",
         layout_.patches.height, layout_.patches.width);
  const int64_t resampled = patches.height * patches.width;
  Tensor result(DType::float32, {layout_.before + resampled + layout_.behind, width});
  const float* from = values_.data<float>();
  float* to = std::copy_n(from, layout_.before * width, result.mutable_data<float>());
  from += layout_.before * width;
  resample({.filter = filter,
            .x = from,
            .height = trained.height,
            .width = trained.width,
            .channels = width,
            .y = to,
            .out_height = patches.height,
            .out_width = patches.width});
  std::copy_n(from + count * width, layout_.behind * width, to + resampled * width);
  return result;
}

Tensor PicturePositions::at_places(PictureSize patches, PictureSize seen) const {
  const int64_t width = values_.dim(1), before = layout_.before;
  const auto lines = position_buckets(patches.height, seen.height, layout_.patches.height);
  const auto columns = position_buckets(patches.width, seen.width, layout_.patches.height);
  Tensor result(DType::float32, {before + patches.height * patches.width, width});
  float* to = std::copy_n(values_.data<float>(), before * width, result.mutable_data<float>());
  for (const int64_t line : lines)
    for (const int64_t column : columns)
      to = std::copy_n(values_.data<float>() + (before + line * layout_.patches.height + column) * width,
                       width, to);
  return result;
}

}  // namespace millrace
