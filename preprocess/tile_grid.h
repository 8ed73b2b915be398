#pragma once
#include "base/best_shape.h"

namespace millrace {

// How many tiles a grid may have.
struct TileCounts {
  int64_t least = 1, most = 1;
};

// The rows and columns of the grid of tiles of size `tile` whose shape is nearest to that of a picture; of
// several, the last whose pixels are less than twice the picture's (transformers' get_optimal_tiled_canvas).
// One tile where no grid may be.
HeightWidth nearest_grid(HeightWidth picture, HeightWidth tile, TileCounts counts);

}  // namespace millrace
