#include "preprocess/tile_grid.h"

#include <cmath>
#include <limits>

namespace millrace {

HeightWidth nearest_grid(HeightWidth picture, HeightWidth tile, TileCounts counts) {
  const auto real = [](int64_t number) { return static_cast<double>(number); };
  const double shape = real(picture[1]) / real(picture[0]), pixels = real(picture[1] * picture[0]);
  double least = std::numeric_limits<double>::infinity();
  HeightWidth best = {1, 1};
  for (int64_t tiles = counts.least; tiles <= counts.most; ++tiles)
    for (int64_t columns = 1; columns <= tiles; ++columns) {
      if (tiles % columns != 0) continue;
      const int64_t rows = tiles / columns;
      const double difference = std::abs(shape - real(columns) / real(rows));
      if (difference > least) continue;
      if (difference == least && !(pixels > 0.5 * real(tile[0] * tile[1]) * real(columns) * real(rows)))
        continue;
      least = difference;
      best = {rows, columns};
    }
  return best;
}

}  // namespace millrace
