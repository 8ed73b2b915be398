#pragma once
#include <cstdint>
#include <string_view>

#include "models/layers/feature_map.h"
#include "models/settings.h"

namespace millrace {

// As torch.nn.functional.interpolate has them. Antialiased, more pixels make one where a picture shrinks.
enum class ResampleFilter { bilinear, bicubic, bicubic_antialiased };

// The setting `name`, "bilinear", "bicubic" or "bicubic_antialiased".
ResampleFilter resample_filter(const Settings& settings, std::string_view name);

// The two pixels of a line of `from` between which pixel i of a line of `to` lies, and how far from the
// first.
struct BilinearTap {
  int64_t first = 0, second = 0;
  float part = 0;
};
BilinearTap bilinear_tap(int64_t i, int64_t from, int64_t to, bool align_corners = false);

// A picture of `channels` values a pixel to another size.
struct ResampleArgs {
  ResampleFilter filter = ResampleFilter::bilinear;
  const float* x = nullptr;  // [height, width, channels]
  int64_t height = 0, width = 0, channels = 0;
  float* y = nullptr;  // [out_height, out_width, channels]
  int64_t out_height = 0, out_width = 0;
  bool align_corners = false;  // the corners' centres stay where they are, else the picture's edges
};
void resample(const ResampleArgs& args);

// Pictures of another size, bilinear.
FeatureMap resampled(const FeatureMap& x, int64_t height, int64_t width, Workspace& workspace,
                     bool align_corners = false);

}  // namespace millrace
