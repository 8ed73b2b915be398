#pragma once
#include <span>

#include "kernels/packed_matrix.h"

namespace millrace::kernels {

// Writes 32 floats (the last `count` … 32 of them zero) as a group of int4: as GGML's Q4_0, the value of
// largest magnitude becomes -8.
void pack_int4_group(const PackedMatrix::Impl& matrix, std::byte* panel, int64_t g, int c, const float* x,
                     int count);

// Fills a panel of a grouped type with rows of blocks as they are in a file, `row_blocks(row)` each; none
// (null) for rows beyond the last.
void pack_quantised_panel(const PackedMatrix::Impl& matrix, std::byte* panel, const std::byte* const* rows);

// One row of a grouped type as float32.
void unpack_grouped_row(const PackedMatrix::Impl& matrix, int64_t row, float* out);

}  // namespace millrace::kernels
