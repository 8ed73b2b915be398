#include "models/layers/pooling.h"

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace millrace {

void mean_over_positions(const FeatureMap& map, const Rows& means) {
  for (int64_t image = 0; image < map.images; ++image) {
    float* mean = means.row(image);
    std::fill_n(mean, map.channels(), 0.f);
    const float* from = map.image(image);
    for (int64_t i = 0; i < map.positions(); ++i, from += map.channels())
      for (int64_t c = 0; c < map.channels(); ++c) mean[c] += from[c];
    for (int64_t c = 0; c < map.channels(); ++c) mean[c] /= static_cast<float>(map.positions());
  }
}

void largest_over_positions(const FeatureMap& map, const Rows& largest) {
  for (int64_t image = 0; image < map.images; ++image) {
    const float* from = map.image(image);
    std::copy_n(from, map.channels(), largest.row(image));
    for (int64_t i = 0; i < map.positions(); ++i, from += map.channels())
      for (int64_t c = 0; c < map.channels(); ++c)
        largest.row(image)[c] = std::max(largest.row(image)[c], from[c]);
  }
}

FeatureMap mean_of_parts(const FeatureMap& x, int64_t parts, Workspace& workspace) {
  const auto y = make_feature_map(workspace, x.images, parts, parts, x.channels());
  const auto begin = [&](int64_t part, int64_t size) { return part * size / parts; };
  const auto end = [&](int64_t part, int64_t size) { return ((part + 1) * size + parts - 1) / parts; };
  for (int64_t i = 0; i < y.rows.count; ++i) {
    const int64_t image = i / (parts * parts), row = i / parts % parts, column = i % parts;
    float* to = y.rows.row(i);
    std::fill_n(to, x.channels(), 0.f);
    const int64_t top = begin(row, x.height), bottom = end(row, x.height);
    const int64_t left = begin(column, x.width), right = end(column, x.width);
    for (int64_t iy = top; iy < bottom; ++iy)
      for (int64_t ix = left; ix < right; ++ix) {
        const float* from = x.rows.row((image * x.height + iy) * x.width + ix);
        for (int64_t c = 0; c < x.channels(); ++c) to[c] += from[c];
      }
    for (int64_t c = 0; c < x.channels(); ++c) to[c] /= static_cast<float>((bottom - top) * (right - left));
  }
  return y;
}

void neighbour_difference(const FeatureMap& x, int64_t size, const FeatureMap& y) {
  const int64_t reach = size / 2, channels = x.channels();
  for (int64_t image = 0; image < x.images; ++image)
    for (int64_t row = 0; row < x.height; ++row)
      for (int64_t column = 0; column < x.width; ++column) {
        const int64_t own = (image * x.height + row) * x.width + column;
        float* to = y.rows.row(own);
        std::fill_n(to, channels, 0.f);
        const int64_t top = std::max<int64_t>(row - reach, 0), bottom = std::min(row + reach + 1, x.height);
        const int64_t left = std::max<int64_t>(column - reach, 0),
                      right = std::min(column + reach + 1, x.width);
        for (int64_t iy = top; iy < bottom; ++iy)
          for (int64_t ix = left; ix < right; ++ix) {
            const float* from = x.rows.row((image * x.height + iy) * x.width + ix);
            for (int64_t c = 0; c < channels; ++c) to[c] += from[c];
          }
        const auto count = static_cast<float>((bottom - top) * (right - left));
        const float* self = x.rows.row(own);
        for (int64_t c = 0; c < channels; ++c) to[c] = to[c] / count - self[c];
      }
}

FeatureMap max_pool(const FeatureMap& x, int64_t size, int64_t stride, int64_t padding,
                    Workspace& workspace) {
  const int64_t height = x.height + 2 * padding - size, width = x.width + 2 * padding - size;
  if (height < 0 || width < 0)
    fail(ErrorKind::input, "a picture of {} x {} is too small for this model", x.height, x.width);
  const auto y = make_feature_map(workspace, x.images, height / stride + 1, width / stride + 1, x.channels());
  float* to = y.rows.data;
  for (int64_t image = 0; image < x.images; ++image)
    for (int64_t oy = 0; oy < y.height; ++oy)
      for (int64_t ox = 0; ox < y.width; ++ox, to += x.channels()) {
        std::fill_n(to, x.channels(), -std::numeric_limits<float>::infinity());
        const int64_t top = oy * stride - padding, left = ox * stride - padding;
        for (int64_t iy = std::max<int64_t>(top, 0); iy < std::min(top + size, x.height); ++iy)
          for (int64_t ix = std::max<int64_t>(left, 0); ix < std::min(left + size, x.width); ++ix) {
            const float* pixel = x.image(image) + (iy * x.width + ix) * x.channels();
            for (int64_t c = 0; c < x.channels(); ++c) to[c] = std::max(to[c], pixel[c]);
          }
      }
  return y;
}

}  // namespace millrace
