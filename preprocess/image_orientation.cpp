#include "preprocess/image_orientation.h"

#include <algorithm>
#include <cstring>

namespace millrace {
namespace {

// Numbers of a TIFF structure in the order of bytes that its first two letters tell; 0 beyond its end.
class Directory {
 public:
  explicit Directory(std::span<const std::byte> bytes) : bytes_(bytes), big_(byte(0) == 'M') {}

  uint32_t two(size_t i) const { return big_ ? byte(i) << 8 | byte(i + 1) : byte(i + 1) << 8 | byte(i); }
  uint32_t four(size_t i) const { return big_ ? two(i) << 16 | two(i + 2) : two(i + 2) << 16 | two(i); }
  size_t size() const { return bytes_.size(); }

 private:
  uint32_t byte(size_t i) const { return i < bytes_.size() ? std::to_integer<uint32_t>(bytes_[i]) : 0; }

  std::span<const std::byte> bytes_;
  bool big_;
};

}  // namespace

std::optional<int> exif_orientation(std::span<const std::byte> block) {
  constexpr size_t kNameBytes = 6;
  if (block.size() >= kNameBytes && std::memcmp(block.data(), "Exif\0", kNameBytes - 1) == 0)
    block = block.subspan(kNameBytes);
  const bool ordered =
      block.size() >= 8 && block[0] == block[1] && (block[0] == std::byte{'I'} || block[0] == std::byte{'M'});
  if (!ordered) return std::nullopt;
  const Directory directory(block);
  if (directory.two(2) != 42) return std::nullopt;
  constexpr uint32_t kOrientation = 0x0112, kShort = 3;
  const size_t first = directory.four(4), count = directory.two(first);
  for (size_t entry = first + 2, i = 0; i < count && entry + 12 <= directory.size(); ++i, entry += 12) {
    if (directory.two(entry) != kOrientation || directory.two(entry + 2) != kShort) continue;
    const uint32_t value = directory.two(entry + 8);
    if (value >= 1 && value <= 8) return static_cast<int>(value);
  }
  return std::nullopt;
}

Image turned(const Image& image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  // From 5 on lines are columns. Which end of a line or a column comes first:
  const bool swapped = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image result(swapped ? image.width : image.height, swapped ? image.height : image.width);
  for (int64_t y = 0; y < result.height; ++y) {
    uint8_t* to = result.row(y);
    for (int64_t x = 0; x < result.width; ++x, to += Image::kChannels) {
      const int64_t line = swapped ? x : y, column = swapped ? y : x;
      const int64_t from_y = from_below ? image.height - 1 - line : line;
      const int64_t from_x = from_right ? image.width - 1 - column : column;
      std::copy_n(image.row(from_y) + from_x * Image::kChannels, Image::kChannels, to);
    }
  }
  return result;
}

}  // namespace millrace
