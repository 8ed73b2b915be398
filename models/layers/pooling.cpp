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
