#pragma once
#include "kernels/kernel_table.h"

// Products on the tile unit (AMX): eight registers of 16 rows by 64 bytes, and an instruction that multiplies
// two of them. Everything else comes from avx512/, whose layouts these kernels share.
namespace millrace::kernels::amx {

inline constexpr int kTileRows = 32;  // of A in one call: two registers

// Asks the operating system for the tile registers, which a process has to before it first uses them.
// False where the CPU or the system has none.
bool request_tiles();

MatrixKernel bfloat16_kernel();
MatrixKernel int8_kernel();
MatrixKernel grouped_kernel(WeightType type);

}  // namespace millrace::kernels::amx
