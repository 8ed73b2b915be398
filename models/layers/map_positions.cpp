#include "models/layers/map_positions.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/error.h"

namespace millrace {
namespace {

// Of a position counted in float32, as transformers does it: sines and cosines by turns, of ever lower
// frequencies.
void put_sines_of(float position, int64_t count, float* to) {
  for (int64_t i = 0; i < count; ++i) {
    const float divisor = std::pow(10000.f, static_cast<float>(i / 2 * 2) / static_cast<float>(count));
    const float angle = position / divisor;
    to[i] = i % 2 == 0 ? std::sin(angle) : std::cos(angle);
  }
}

float part_of_circle(float position, float last) {
  constexpr float kEpsilon = 1e-6f;
  return position / (last + kEpsilon) * (2 * std::numbers::pi_v<float>);
}

Tensor table(const WeightScope& scope, std::string_view name, int64_t width) {
  const auto own = scope.at(name);
  return own.get_float("weight", {own.shape("weight").at(0), width});
}

}  // namespace

MapPositions::MapPositions(const WeightScope& scope, int64_t width, bool learned) : width_(width) {
  if (width % (learned ? 2 : 4) != 0)
    fail(ErrorKind::model, "positions of {} values, half of them for lines, are not supported", width);
  if (!learned) return;
  rows_ = table(scope, "row_embeddings", width / 2);
  columns_ = table(scope, "column_embeddings", width / 2);
}

void MapPositions::put_sines(std::span<const uint8_t> mask, PictureSize size, float* to) const {
  const int64_t half = width_ / 2;
  const auto at = [&](int64_t y, int64_t x) { return mask[static_cast<size_t>(y * size.width + x)] != 0; };
  std::vector<float> below(static_cast<size_t>(size.width), 0), lines(below);  // below: in all of a column
  for (int64_t y = 0; y < size.height; ++y)
    for (int64_t x = 0; x < size.width; ++x) below[static_cast<size_t>(x)] += at(y, x) ? 1.f : 0.f;
  for (int64_t y = 0; y < size.height; ++y) {
    float across = 0, column = 0;
    for (int64_t x = 0; x < size.width; ++x) across += at(y, x) ? 1.f : 0.f;
    for (int64_t x = 0; x < size.width; ++x, to += width_) {
      const auto i = static_cast<size_t>(x);
      lines[i] += at(y, x) ? 1.f : 0.f;
      column += at(y, x) ? 1.f : 0.f;
      put_sines_of(part_of_circle(lines[i], below[i]), half, to);
      put_sines_of(part_of_circle(column, across), half, to + half);
    }
  }
}

void MapPositions::put_learned(PictureSize size, float* to) const {
  if (size.height > rows_.dim(0) || size.width > columns_.dim(0))
    fail(ErrorKind::input, "the model knows the positions of {} lines and {} columns, not of {} and {}",
         rows_.dim(0), columns_.dim(0), size.height, size.width);
  const int64_t half = width_ / 2;
  for (int64_t y = 0; y < size.height; ++y)
    for (int64_t x = 0; x < size.width; ++x, to += width_) {
      std::copy_n(columns_.data<float>() + x * half, half, to);
      std::copy_n(rows_.data<float>() + y * half, half, to + half);
    }
}

Tensor MapPositions::of(std::span<const uint8_t> mask, int64_t images, PictureSize size) const {
  const int64_t count = size.height * size.width;
  Tensor result(DType::float32, {images, count, width_});
  for (int64_t image = 0; image < images; ++image) {
    float* to = result.mutable_data<float>() + image * count * width_;
    if (rows_.empty())
      put_sines(mask.subspan(static_cast<size_t>(image * count), static_cast<size_t>(count)), size, to);
    else
      put_learned(size, to);
  }
  return result;
}

}  // namespace millrace
