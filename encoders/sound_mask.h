#pragma once
#include <string_view>
#include <vector>

#include "base/tensor.h"

namespace millrace {

// Of each row of a mask [n, T] of zeros and ones, of any type, how many are 1. Another shape than `shape` is
// Error(input) naming the argument.
std::vector<int64_t> ones_of_rows(const Tensor& mask, const Shape& shape, std::string_view argument);

// The first counts[i] rows, or all where there are less, of each part of [n, rows, width], one after the
// other: [all of them, width].
Tensor first_rows(const Tensor& parts, const std::vector<int64_t>& counts);

// The rows of [n, rows, width] whose place in the mask [n, rows] is 1, one after the other. Another shape of
// the mask is Error(input) naming the argument.
Tensor masked_rows(const Tensor& parts, const Tensor& mask, std::string_view argument);

}  // namespace millrace
