#pragma once
#include <cstdint>
#include <string_view>

#include "models/settings.h"

namespace millrace {

// As torch.nn.functional.interpolate has them. Antialiased, more pixels make one where a picture shrinks.
enum class ResampleFilter { bilinear, bicubic, bicubic_antialiased };

// The setting `name`, "bilinear", "bicubic" or "bicubic_antialiased".
ResampleFilter resample_filter(const Settings& settings, std::string_view name);

// A picture of `channels` values a pixel to another size.
struct ResampleArgs {
  ResampleFilter filter = ResampleFilter::bilinear;
  const float* x = nullptr;  // [height, width, channels]
  int64_t height = 0, width = 0, channels = 0;
  float* y = nullptr;  // [out_height, out_width, channels], from first_row on
  int64_t out_height = 0, out_width = 0;
  int64_t first_row = 0, last_row = -1;  // only these rows of y are made, up to before the last; -1: all
  bool align_corners = false;            // the corners' centres stay where they are, else the picture's edges
};
void resample(const ResampleArgs& args);

}  // namespace millrace
