#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/group_format.h"
#include "kernels/kernel_table.h"
#include "kernels/kernels.h"
#include "kernels/large_buffer.h"

namespace millrace::kernels {

// W [outputs, inputs] cut into panels of `panel_columns` outputs, each a contiguous stream that a product
// reads once:
//   float32, bfloat16, int8: [inputs / G][panel_columns][G], G = 1, 2, 4: with 16 columns of 4 bytes to a
//   cache line; the grouped types as group_format.h says.
// Inputs are padded with zeros to a multiple of input_padding(type), outputs to whole panels. A matrix
// belongs to the instruction set that was in use when it was packed.
struct PackedMatrix::Impl {
  const KernelTable* table = nullptr;
  WeightType type = WeightType::float32;
  int64_t outputs = 0, inputs = 0;
  int64_t padded_inputs = 0;
  int64_t panels = 0;
  size_t panel_bytes = 0;
  LargeBuffer data;
  std::vector<float> scale;  // int8, padded to whole panels
  std::vector<int32_t> sum;  // int8: the sum of each output's weights

  const MatrixKernel& kernel() const { return table->matrix[static_cast<size_t>(type)]; }
  const std::byte* panel(int64_t i) const { return data.data() + static_cast<size_t>(i) * panel_bytes; }
};

constexpr int64_t input_padding(WeightType type) {
  if (is_grouped(type)) return group_format(type).shared ? kGroup * kSharingGroups : kGroup;
  return type == WeightType::int8 ? 64 : type == WeightType::bfloat16 ? 32 : 1;
}

}  // namespace millrace::kernels
