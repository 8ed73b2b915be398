#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace millrace {

using HeightWidth = std::array<int64_t, 2>;

// Which of `shapes`, of which there is one at least, suits a picture best: that into which it fits with the
// most of its pixels, and of those the smallest, and the first (transformers' select_best_resolution).
size_t best_shape(HeightWidth picture, std::span<const HeightWidth> shapes);

}  // namespace millrace
