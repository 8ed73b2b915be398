#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace millrace {

// A picture of 8 bits for each of red, green and blue, line by line.
struct Image {
  static constexpr int64_t kChannels = 3;
  int64_t height = 0, width = 0;
  std::vector<uint8_t> pixels;    // [height, width, kChannels]
  std::optional<double> seconds;  // where in its film it is
  // Of live pictures: when second 0 was captured, by the run's StreamClock, so that now - (began_at +
  // seconds) is how long ago this was seen. Not a number for others.
  double began_at = std::numeric_limits<double>::quiet_NaN();

  Image() = default;
  Image(int64_t rows, int64_t columns)
      : height(rows), width(columns), pixels(static_cast<size_t>(rows * columns * kChannels)) {}
  uint8_t* row(int64_t y) { return pixels.data() + y * width * kChannels; }
  const uint8_t* row(int64_t y) const { return pixels.data() + y * width * kChannels; }
};

}  // namespace millrace
