#include "encoders/image_encoder.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {

void check_pixel_values(const Tensor& pixel_values, int64_t channels) {
  if (pixel_values.dtype() != DType::float32 || pixel_values.rank() != 4 || pixel_values.dim(1) != channels ||
      pixel_values.empty())
    fail(ErrorKind::input, "'pixel_values' should be float32 [B, {}, height, width], but is {} {}", channels,
         name_of(pixel_values.dtype()), to_string(pixel_values.shape()));
}

FeatureMap feature_map_of(const Tensor& pixel_values, int64_t first, int64_t count, Workspace& workspace) {
  const int64_t channels = pixel_values.dim(1);
  auto map = make_feature_map(workspace, count, pixel_values.dim(2), pixel_values.dim(3), channels);
  const float* from = pixel_values.data<float>() + first * map.positions() * channels;
  for (int64_t image = 0; image < count; ++image)
    for (int64_t c = 0; c < channels; ++c) {
      float* to = map.image(image) + c;
      for (int64_t i = 0; i < map.positions(); ++i, to += channels) *to = *from++;
    }
  return map;
}

FeatureMap filled(const FeatureMap& map, int64_t size, Workspace& workspace) {
  if (map.height % size == 0 && map.width % size == 0) return map;
  const auto result = make_feature_map(workspace, map.images, (map.height + size - 1) / size * size,
                                       (map.width + size - 1) / size * size, map.channels());
  std::fill_n(result.rows.data, result.rows.count * map.channels(), 0.f);
  for (int64_t image = 0; image < map.images; ++image)
    for (int64_t y = 0; y < map.height; ++y)
      std::copy_n(map.rows.row((image * map.height + y) * map.width), map.width * map.channels(),
                  result.rows.row((image * result.height + y) * result.width));
  return result;
}

Tensor tensor_of(const FeatureMap& map) {
  Tensor result(DType::float32, {map.images, map.channels(), map.height, map.width});
  float* to = result.mutable_data<float>();
  for (int64_t image = 0; image < map.images; ++image)
    for (int64_t c = 0; c < map.channels(); ++c) {
      const float* from = map.image(image) + c;
      for (int64_t i = 0; i < map.positions(); ++i, from += map.channels()) *to++ = *from;
    }
  return result;
}

}  // namespace millrace
