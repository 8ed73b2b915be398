#include <algorithm>
#include <cassert>

#include "kernels/packed_matrix.h"
#include "kernels/parallel.h"
#include "kernels/scratch.h"

namespace millrace::kernels {
namespace {

constexpr int kWidePanels = 4;       // panels that one call takes where the rows fit one tile
constexpr int kMostSums = 32 * 256;  // of one call
constexpr int64_t kBlockBytes =
    192 * 1024;  // of A, which stays in the second-level cache while the panels stream by
constexpr int64_t kSerialWork = 1 << 16;  // multiplications below which threads cost more than they save

// How a product is cut: blocks of rows, times ranges of panels.
struct Plan {
  int64_t row_blocks = 1, panel_ranges = 1;
};

Plan plan_of(const PackedMatrix::Impl& matrix, int64_t rows) {
  const int64_t threads = thread_count();
  const int64_t work = rows * matrix.inputs * matrix.outputs;
  Plan plan;
  const int tile_rows = matrix.kernel().tile_rows;
  const int64_t tiles = (rows + tile_rows - 1) / tile_rows;
  const int64_t tiles_per_block =
      std::clamp<int64_t>(kBlockBytes / (std::max<int64_t>(matrix.inputs, 1) * tile_rows * 4), 4, 32);
  plan.row_blocks = (tiles + tiles_per_block - 1) / tiles_per_block;
  if (threads == 1 || work < kSerialWork) return plan;
  if (plan.row_blocks >= threads) {
    plan.row_blocks = std::min(tiles, (plan.row_blocks + threads - 1) / threads * threads);
    return plan;
  }
  // Few rows: cut the panels, each range one contiguous stream; two a thread where they are long enough.
  const auto bytes = static_cast<int64_t>(matrix.panel_bytes) * matrix.panels;
  const int64_t ranges = bytes > threads * (int64_t{1} << 19) ? 2 * threads : threads;
  plan.panel_ranges = std::clamp<int64_t>((ranges + plan.row_blocks - 1) / plan.row_blocks, 1, matrix.panels);
  return plan;
}

class Product {
 public:
  Product(const PackedMatrix::Impl& matrix, const MatmulArgs& args)
      : matrix_(matrix), kernel_(matrix.kernel()), args_(args), plan_(plan_of(matrix, args.rows)) {
    assert(kernel_.tile_rows * kernel_.panel_columns * kWidePanels <= kMostSums);
  }

  void run() const {
    parallel_chunks(plan_.row_blocks * plan_.panel_ranges, [&](int64_t chunk) {
      const int64_t tiles = (args_.rows + kernel_.tile_rows - 1) / kernel_.tile_rows;
      const int64_t block = chunk / plan_.panel_ranges, range = chunk % plan_.panel_ranges;
      part(std::min(args_.rows, tiles * block / plan_.row_blocks * kernel_.tile_rows),
           std::min(args_.rows, tiles * (block + 1) / plan_.row_blocks * kernel_.tile_rows),
           matrix_.panels * range / plan_.panel_ranges, matrix_.panels * (range + 1) / plan_.panel_ranges);
    });
  }

 private:
  // Rows [first, last) against panels [panel, last_panel): the rows are prepared once, then every panel
  // passes them.
  void part(int64_t first, int64_t last, int64_t panel, int64_t last_panel) const {
    const size_t tile_bytes = (kernel_.prepared_bytes(kernel_.tile_rows, matrix_.inputs) + 63) / 64 * 64;
    std::byte* prepared = nullptr;
    if (tile_bytes != 0) {
      const int64_t tiles = (last - first + kernel_.tile_rows - 1) / kernel_.tile_rows;
      prepared = thread_scratch(tile_bytes * static_cast<size_t>(tiles));
      for (int64_t t = 0; t < tiles; ++t) {
        const int64_t row = first + t * kernel_.tile_rows;
        kernel_.prepare(args_.a + static_cast<size_t>(row) * args_.a_stride, args_.a_stride,
                        tile_height(row, last), matrix_.inputs,
                        prepared + tile_bytes * static_cast<size_t>(t));
      }
    }
    const int step = last - first <= kernel_.tile_rows ? kWidePanels : 1;
    for (; panel < last_panel; panel += step) {
      const int panels = static_cast<int>(std::min<int64_t>(step, last_panel - panel));
      const std::byte* a = prepared;
      for (int64_t row = first; row < last; row += kernel_.tile_rows, a += tile_bytes) {
        tile(row, tile_height(row, last), panel, panels, prepared != nullptr ? a : nullptr);
      }
    }
  }

  int tile_height(int64_t row, int64_t last) const {
    return static_cast<int>(std::min<int64_t>(kernel_.tile_rows, last - row));
  }

  void tile(int64_t row, int rows, int64_t panel, int panels, const std::byte* prepared) const {
    alignas(64) float sums[kMostSums];
    const int64_t column = panel * kernel_.panel_columns;
    const size_t width = static_cast<size_t>(panels) * static_cast<size_t>(kernel_.panel_columns);
    const float* a = args_.a + static_cast<size_t>(row) * args_.a_stride;
    kernel_.tile({.a = prepared != nullptr ? static_cast<const void*>(prepared) : a,
                  .a_stride = args_.a_stride,
                  .rows = rows,
                  .panel = matrix_.panel(panel),
                  .panel_bytes = matrix_.panel_bytes,
                  .panels = panels,
                  .inputs = matrix_.inputs,
                  .scale = matrix_.scale.empty() ? nullptr : matrix_.scale.data() + column,
                  .sum = matrix_.sum.empty() ? nullptr : matrix_.sum.data() + column,
                  .out = sums,
                  .out_stride = width});
    const size_t at = static_cast<size_t>(row) * args_.c_stride + static_cast<size_t>(column);
    matrix_.table->finish(
        {.sums = sums,
         .sums_stride = width,
         .rows = rows,
         .columns = std::min<int64_t>(static_cast<int64_t>(width), matrix_.outputs - column),
         .bias = args_.bias != nullptr ? args_.bias + column : nullptr,
         .activation = args_.activation,
         .residual = args_.residual != nullptr ? args_.residual + at : nullptr,
         .c = args_.c + at,
         .c_stride = args_.c_stride});
  }

  const PackedMatrix::Impl& matrix_;
  const MatrixKernel& kernel_;
  const MatmulArgs& args_;
  const Plan plan_;
};

}  // namespace

void matmul(const PackedMatrix& weights, const MatmulArgs& args) {
  assert(weights && args.rows >= 0 && args.c_stride >= static_cast<size_t>(weights.outputs()));
  if (args.rows == 0 || weights.outputs() == 0) return;
  Product(weights.impl(), args).run();
}

}  // namespace millrace::kernels
