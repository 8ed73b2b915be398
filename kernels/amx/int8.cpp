#include "kernels/avx512/int8.h"
#include "kernels/amx/tile_product.h"

namespace millrace::kernels::amx {
namespace {

void tiles(const TileArgs& args) {
  if (args.rows <= avx512::kInt8Rows) return avx512::int8_tiles(args);  // the very sums, and quicker
  const auto* header = static_cast<const avx512::Int8Header*>(args.a);
  alignas(64) int32_t sums[kTileRows * avx512::kColumns];
  configure(args.rows);
  for (int p = 0; p < args.panels; ++p) {
    multiply<Int8Product>(header + 1, args.rows, args.inputs,
                          args.panel + static_cast<size_t>(p) * args.panel_bytes, sums,
                          avx512::kColumns * sizeof(int32_t));
    for (int v = 0; v < avx512::kVectors; ++v) {
      const avx512::Int8Columns columns(args, p * avx512::kColumns + v * 16);
      for (int r = 0; r < args.rows; ++r) {
        columns.store(_mm512_load_si512(sums + r * avx512::kColumns + v * 16), *header, r);
      }
    }
  }
  _tile_release();
}

}  // namespace

MatrixKernel int8_kernel() {
  MatrixKernel kernel = avx512::int8_kernel();
  kernel.tile_rows = kTileRows;
  kernel.tile = tiles;
  return kernel;
}

}  // namespace millrace::kernels::amx
