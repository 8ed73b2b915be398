#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernel_table.h"
#include "kernels/kernels.h"
#include "kernels/large_buffer.h"

namespace millrace::kernels {

// W [outputs, inputs] cut into panels of `panel_columns` outputs, each a contiguous stream that a product
// reads once:
//   float32, bfloat16, int8  [inputs / G][panel_columns][G], G = 1, 2, 4: with 16 columns of 4 bytes to a
//   cache line int4     per group of 32 inputs: float16 scale[panel_columns], then [4][panel_columns][4
//   bytes]; a byte's low
//            nibble is input 4 i + j of the group, its high nibble input 16 + 4 i + j, both plus 8
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
  switch (type) {
    case WeightType::float32:
      return 1;
    case WeightType::bfloat16:
      return 32;
    case WeightType::int8:
      return 64;
    case WeightType::int4:
      return kGroup;
  }
  return 1;
}

}  // namespace millrace::kernels
