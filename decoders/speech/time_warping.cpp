#include "decoders/speech/time_warping.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace millrace {
namespace {

enum Step : uint8_t { both, row_on, column_on };

inline void order(float& low, float& high) {
  const float least = std::min(low, high);
  high = std::max(low, high);
  low = least;
}

// The exchanges of a sorting network that bring the median of seven to the middle (Devillard, "Fast median
// search", 1998). Without branches, so that a loop over it is vectorised.
inline float median7(float a, float b, float c, float d, float e, float f, float g) {
  order(a, f);
  order(a, d);
  order(b, g);
  order(c, e);
  order(a, b);
  order(d, f);
  order(c, g);
  order(c, d);
  order(d, g);
  order(e, f);
  order(b, e);
  order(b, d);
  order(d, e);
  return d;
}

}  // namespace

std::vector<std::pair<int, int>> warp_time(std::span<const float> cost, int64_t rows, int64_t columns) {
  assert(cost.size() == static_cast<size_t>(rows * columns));
  if (rows <= 0 || columns <= 0) return {};
  constexpr float kFar = std::numeric_limits<float>::infinity();
  const auto width = static_cast<size_t>(columns) + 1;
  std::vector<float> above(width, kFar), current(width, kFar);
  std::vector<uint8_t> steps(static_cast<size_t>(rows + 1) * width, both);
  above[0] = 0;
  for (size_t row = 1; row <= static_cast<size_t>(rows); ++row) {
    current[0] = kFar;
    const float* costs = cost.data() + (row - 1) * static_cast<size_t>(columns);
    uint8_t* step = steps.data() + row * width;
    for (size_t column = 1; column < width; ++column) {
      const float diagonal = above[column - 1], up = above[column], left = current[column - 1];
      float least = left;
      step[column] = column_on;
      if (diagonal < up && diagonal < left) {
        least = diagonal;
        step[column] = both;
      } else if (up < diagonal && up < left) {
        least = up;
        step[column] = row_on;
      }
      current[column] = costs[column - 1] + least;
    }
    std::swap(above, current);
  }

  std::vector<std::pair<int, int>> path;
  auto row = static_cast<size_t>(rows), column = static_cast<size_t>(columns);
  while (row > 0 && column > 0) {
    path.emplace_back(static_cast<int>(row) - 1, static_cast<int>(column) - 1);
    // From the first row or column on there is one way back.
    const auto step = row == 1 && column == 1 ? both
                      : row == 1              ? column_on
                      : column == 1           ? row_on
                                              : static_cast<Step>(steps[row * width + column]);
    if (step != column_on) --row;
    if (step != row_on) --column;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

void median_of_seven(std::span<const float> values, float* out) {
  const size_t size = values.size();
  if (size <= 3) {
    std::copy(values.begin(), values.end(), out);
    return;
  }
  std::vector<float> padded(size + 6);
  std::copy(values.begin(), values.end(), padded.begin() + 3);
  for (size_t i = 1; i <= 3; ++i) {
    padded[3 - i] = values[i];
    padded[2 + size + i] = values[size - 1 - i];
  }
  const float* p = padded.data();
  for (size_t i = 0; i < size; ++i)
    out[i] = median7(p[i], p[i + 1], p[i + 2], p[i + 3], p[i + 4], p[i + 5], p[i + 6]);
}

}  // namespace millrace
