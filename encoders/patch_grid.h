#pragma once
#include <cstdint>
#include <vector>

#include "base/tensor.h"
#include "models/layers/grid_position.h"
#include "models/layers/step_rows.h"

namespace millrace {

// The patches of a picture, or of several frames, one grid behind another.
struct PatchGrid {
  int64_t frames = 0, height = 0, width = 0;  // in patches

  int64_t patches() const { return frames * height * width; }
};

// The rows [frames, height, width] of image_grid_thw int64 [n, 3]; each edge is a multiple of `merge`, and
// all have `patches` together. What doesn't fit is Error(input) naming `argument`.
std::vector<PatchGrid> patch_grids(const Tensor& grids, std::string_view argument, int64_t merge,
                                   int64_t patches);

// In which order the patches of a grid go through a transformer: squares of `merge` patches along an edge,
// whose patches become one, stay together; and so do windows of `window` such squares along an edge, those at
// the lower and right edge cut (0: each frame is one).
struct PatchOrder {
  // Of each patch, in that order:
  std::vector<int64_t> places;          // among all patches, line by line
  std::vector<int64_t> squares;         // among all squares, line by line, of each `merge` * `merge` patches
  std::vector<GridPosition> positions;  // 0, line and column
  // Rows that see each other.
  std::vector<SequenceRows> frames, windows;
};
PatchOrder patch_order(const PatchGrid& grid, int64_t merge, int64_t window);

}  // namespace millrace
