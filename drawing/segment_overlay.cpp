#include "drawing/segment_overlay.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "drawing/colours.h"

namespace millrace {
namespace {

// A class map seen in a picture's size.
class StretchedMap {
 public:
  StretchedMap(const ClassMap& map, int64_t height, int64_t width) : map_(map), height_(height) {
    for (int64_t x = 0; x < width; ++x) columns_.push_back(x * map.width / width);
  }
  uint16_t at(int64_t y, int64_t x) const {
    return map_.row(y * map_.height / height_)[columns_[static_cast<size_t>(x)]];
  }

 private:
  const ClassMap& map_;
  int64_t height_;
  std::vector<int64_t> columns_;
};

// Pixels of a border on each side.
int64_t border_width(const Image& image) {
  return std::max<int64_t>(1, std::lround(static_cast<double>(std::min(image.height, image.width)) / 500));
}

bool at_border(const StretchedMap& map, const Image& image, int64_t y, int64_t x, int64_t reach) {
  const uint16_t here = map.at(y, x);
  return map.at(std::max<int64_t>(y - reach, 0), x) != here ||
         map.at(std::min(y + reach, image.height - 1), x) != here ||
         map.at(y, std::max<int64_t>(x - reach, 0)) != here ||
         map.at(y, std::min(x + reach, image.width - 1)) != here;
}

uint8_t blended(uint8_t picture, uint8_t colour, int share) {
  return static_cast<uint8_t>((picture * (256 - share) + colour * share + 128) / 256);
}

}  // namespace

Image draw_segments(const Image& image, const ClassMap& map, double opacity) {
  const StretchedMap stretched(map, image.height, image.width);
  const int share = static_cast<int>(std::lround(std::clamp(opacity, 0., 1.) * 256));
  const int border_share = share == 0 ? 0 : 256;
  const int64_t reach = border_width(image);
  Image drawn = image;
  for (int64_t y = 0; y < image.height; ++y) {
    uint8_t* pixel = drawn.row(y);
    for (int64_t x = 0; x < image.width; ++x, pixel += Image::kChannels) {
      const Colour colour = class_colour(stretched.at(y, x));
      const int part = at_border(stretched, image, y, x, reach) ? border_share : share;
      pixel[0] = blended(pixel[0], colour.red, part);
      pixel[1] = blended(pixel[1], colour.green, part);
      pixel[2] = blended(pixel[2], colour.blue, part);
    }
  }
  return drawn;
}

}  // namespace millrace
