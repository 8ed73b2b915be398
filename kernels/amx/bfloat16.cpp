#include "kernels/amx/tile_product.h"

namespace millrace::kernels::amx {
namespace {

void tiles(const TileArgs& args) {
  configure(args.rows);
  for (int p = 0; p < args.panels; ++p) {
    multiply<Bfloat16Product>(args.a, args.rows, args.inputs,
                              args.panel + static_cast<size_t>(p) * args.panel_bytes,
                              args.out + p * avx512::kColumns, args.out_stride * sizeof(float));
  }
  _tile_release();
}

}  // namespace

MatrixKernel bfloat16_kernel() {
  MatrixKernel kernel = avx512::bfloat16_kernel();
  kernel.tile_rows = kTileRows;
  kernel.tile = tiles;
  return kernel;
}

}  // namespace millrace::kernels::amx
