#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace millrace {

// Dynamic time warping (Sakoe and Chiba, 1978): the cheapest path through `cost` [rows, columns] from its
// first cell to its last, each step going on by a row, a column or both. Cells (row, column) in order.
std::vector<std::pair<int, int>> warp_time(std::span<const float> cost, int64_t rows, int64_t columns);

// The median of the seven values around each, with the ends mirrored; `out` may not be `values`. Three values
// or fewer are copied.
void median_of_seven(std::span<const float> values, float* out);

}  // namespace millrace
