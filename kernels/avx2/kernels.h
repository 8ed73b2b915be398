#pragma once
#include "kernels/kernel_table.h"

// The products of small integers; everything else comes from simd/.
namespace millrace::kernels::avx2 {

inline constexpr int kVectors = 2;  // of 8 columns: a panel
inline constexpr int kColumns = 8 * kVectors;

MatrixKernel int8_kernel();
MatrixKernel grouped_kernel(WeightType type);  // int4 and GGML's

void interleave(const float* const* rows, int columns, int64_t count, float* out);

}  // namespace millrace::kernels::avx2
