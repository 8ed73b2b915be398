#include "base/best_shape.h"

#include <algorithm>
#include <limits>

namespace millrace {

size_t best_shape(HeightWidth picture, std::span<const HeightWidth> shapes) {
  const auto real = [](int64_t edge) { return static_cast<double>(edge); };
  const auto [height, width] = picture;
  size_t best = 0;
  int64_t most = 0, least_waste = std::numeric_limits<int64_t>::max();
  for (size_t i = 0; i < shapes.size(); ++i) {
    const auto [down, across] = shapes[i];
    const double scale = std::min(real(across) / real(width), real(down) / real(height));
    const int64_t pixels =
        static_cast<int64_t>(real(width) * scale) * static_cast<int64_t>(real(height) * scale);
    const int64_t used = std::min(pixels, width * height), waste = across * down - used;
    if (used < most || (used == most && waste >= least_waste)) continue;
    most = used;
    least_waste = waste;
    best = i;
  }
  return best;
}

}  // namespace millrace
