#include "encoders/patch_grid.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {

std::vector<PatchGrid> patch_grids(const Tensor& grids, std::string_view argument, int64_t merge,
                                   int64_t patches) {
  if (grids.dtype() != DType::int64 || grids.rank() != 2 || grids.dim(1) != 3 || grids.empty())
    fail(ErrorKind::input, "'{}' should be int64 [n, 3], but is {} {}", argument, name_of(grids.dtype()),
         to_string(grids.shape()));
  constexpr int64_t kLargest = 1 << 20;
  std::vector<PatchGrid> result;
  int64_t sum = 0;
  for (int64_t i = 0; i < grids.dim(0); ++i) {
    const int64_t* edge = grids.data<int64_t>() + 3 * i;
    const bool whole = edge[1] % merge == 0 && edge[2] % merge == 0;
    if (std::min({edge[0], edge[1], edge[2]}) < 1 || std::max({edge[0], edge[1], edge[2]}) > kLargest ||
        !whole)
      fail(ErrorKind::input, "'{}' holds {} x {} x {}; {} x {} patches become one", argument, edge[0],
           edge[1], edge[2], merge, merge);
    result.push_back({edge[0], edge[1], edge[2]});
    sum += result.back().patches();
    if (sum > patches) break;
  }
  if (sum != patches)
    fail(ErrorKind::input, "the grids of '{}' are of {} patches or more, but there are {}", argument, sum,
         patches);
  return result;
}

namespace {

struct Area {
  int64_t top, left, bottom, right;  // in squares
};

void add_squares(const PatchGrid& grid, int64_t merge, int64_t frame, const Area& area, PatchOrder& order) {
  const int64_t columns = grid.width / merge, all = grid.height / merge * columns;
  for (int64_t row = area.top; row < area.bottom; ++row)
    for (int64_t column = area.left; column < area.right; ++column) {
      order.squares.push_back(frame * all + row * columns + column);
      for (int64_t i = 0; i < merge * merge; ++i) {
        const int64_t y = row * merge + i / merge, x = column * merge + i % merge;
        order.places.push_back((frame * grid.height + y) * grid.width + x);
        order.positions.push_back({0, y, x});
      }
    }
}

}  // namespace

PatchOrder patch_order(const PatchGrid& grid, int64_t merge, int64_t window) {
  const int64_t rows = grid.height / merge, columns = grid.width / merge, patches = grid.height * grid.width;
  const int64_t tall = window > 0 ? window : rows, wide = window > 0 ? window : columns;
  PatchOrder order;
  for (int64_t frame = 0; frame < grid.frames; ++frame) {
    order.frames.push_back({.first_row = frame * patches, .rows = patches});
    for (int64_t top = 0; top < rows; top += tall)
      for (int64_t left = 0; left < columns; left += wide) {
        const auto first = std::ssize(order.places);
        add_squares(grid, merge, frame,
                    {top, left, std::min(top + tall, rows), std::min(left + wide, columns)}, order);
        order.windows.push_back({.first_row = first, .rows = std::ssize(order.places) - first});
      }
  }
  return order;
}

}  // namespace millrace
