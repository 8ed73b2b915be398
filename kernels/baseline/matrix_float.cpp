#include <algorithm>

#include "kernels/baseline/baseline.h"
#include "kernels/float16.h"

namespace millrace::kernels::baseline {
namespace {

constexpr int kColumns = 16;

size_t nothing_prepared(int, int64_t) { return 0; }

void tile_float32(const TileArgs& args) {
  for (int p = 0; p < args.panels; ++p) {
    const auto* panel =
        reinterpret_cast<const float*>(args.panel + static_cast<size_t>(p) * args.panel_bytes);
    for (int r = 0; r < args.rows; ++r) {
      const float* a = static_cast<const float*>(args.a) + static_cast<size_t>(r) * args.a_stride;
      float sums[kColumns] = {};
      for (int64_t k = 0; k < args.inputs; ++k) {
        for (int c = 0; c < kColumns; ++c) sums[c] += a[k] * panel[k * kColumns + c];
      }
      std::copy_n(sums, kColumns, args.out + static_cast<size_t>(r) * args.out_stride + p * kColumns);
    }
  }
}

void tile_bfloat16(const TileArgs& args) {
  for (int p = 0; p < args.panels; ++p) {
    const auto* panel =
        reinterpret_cast<const uint16_t*>(args.panel + static_cast<size_t>(p) * args.panel_bytes);
    for (int r = 0; r < args.rows; ++r) {
      const float* a = static_cast<const float*>(args.a) + static_cast<size_t>(r) * args.a_stride;
      float sums[kColumns] = {};
      for (int64_t k = 0; k < args.inputs; ++k) {
        const uint16_t* pair = panel + k / 2 * kColumns * 2 + k % 2;
        for (int c = 0; c < kColumns; ++c) sums[c] += a[k] * widen(pair[c * 2]);
      }
      std::copy_n(sums, kColumns, args.out + static_cast<size_t>(r) * args.out_stride + p * kColumns);
    }
  }
}

}  // namespace

const MatrixKernel kFloat32{.panel_columns = kColumns,
                            .tile_rows = 6,
                            .prepared_bytes = nothing_prepared,
                            .prepare = nullptr,
                            .tile = tile_float32};
const MatrixKernel kBfloat16{.panel_columns = kColumns,
                             .tile_rows = 6,
                             .prepared_bytes = nothing_prepared,
                             .prepare = nullptr,
                             .tile = tile_bfloat16};

}  // namespace millrace::kernels::baseline
