#include "drawing/rounded_box.h"

#include <algorithm>
#include <cmath>

namespace millrace {
namespace {

// How much of the pixel lies in the box, from the distance of its middle to the edge.
double coverage(double x, double y, const PixelBox& box, double radius) {
  const double half_width = static_cast<double>(box.width) / 2;
  const double half_height = static_cast<double>(box.height) / 2;
  const double across = std::abs(x - static_cast<double>(box.left) - half_width) - (half_width - radius);
  const double down = std::abs(y - static_cast<double>(box.top) - half_height) - (half_height - radius);
  const double right = std::max(across, 0.), below = std::max(down, 0.);
  const double outside = std::sqrt(right * right + below * below);  // of the box without its round rim
  const double distance = outside + std::min(std::max(across, down), 0.) - radius;
  return std::clamp(0.5 - distance, 0., 1.);
}

uint8_t blended(uint8_t under, uint8_t over, double opacity) {
  return static_cast<uint8_t>(std::lround(under + (over - under) * opacity));
}

}  // namespace

void fill_rounded(Image& image, const PixelBox& box, double radius, Colour colour, double opacity) {
  radius = std::min({radius, static_cast<double>(box.width) / 2, static_cast<double>(box.height) / 2});
  const int64_t right = std::min(box.left + box.width, image.width);
  const int64_t bottom = std::min(box.top + box.height, image.height);
  for (int64_t y = std::max<int64_t>(box.top, 0); y < bottom; ++y)
    for (int64_t x = std::max<int64_t>(box.left, 0); x < right; ++x) {
      const double part =
          opacity * coverage(static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5, box, radius);
      uint8_t* pixel = image.row(y) + x * Image::kChannels;
      pixel[0] = blended(pixel[0], colour.red, part);
      pixel[1] = blended(pixel[1], colour.green, part);
      pixel[2] = blended(pixel[2], colour.blue, part);
    }
}

}  // namespace millrace
