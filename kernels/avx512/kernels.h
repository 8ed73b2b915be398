#pragma once
#include "kernels/kernel_table.h"

// The products that AVX-512 has instructions of its own for; everything else comes from simd/.
namespace millrace::kernels::avx512 {

inline constexpr int kVectors = 4;  // of 16 columns: a panel
inline constexpr int kColumns = 16 * kVectors;

MatrixKernel bfloat16_kernel();                // BF16: vdpbf16ps
MatrixKernel int8_kernel();                    // VNNI: vpdpbusd
MatrixKernel grouped_kernel(WeightType type);  // int4 and GGML's

}  // namespace millrace::kernels::avx512
