#include <algorithm>
#include <cassert>
#include <optional>

#include "kernels/activation_bounds.h"
#include "kernels/packed_matrix.h"
#include "kernels/parallel.h"
#include "kernels/scratch.h"

namespace millrace::kernels {
namespace {

constexpr int kWidePanels = 4;             // panels that one call takes where the rows fit one tile
constexpr int64_t kCallBytes = 16 * 1024;  // of panels, to stay in the first-level cache with the rows
constexpr int kMostSums = 32 * 256;        // of one call
constexpr int64_t kBlockBytes =
    192 * 1024;  // of A, which stays in the second-level cache while the panels stream by
constexpr int64_t kSerialWork = 1 << 16;  // multiplications below which threads cost more than they save

// How a product is cut: blocks of rows, times ranges of panels.
struct Plan {
  int64_t row_blocks = 1, panel_ranges = 1;
};

// The rows of a tile in a product of `rows` rows.
int height_of(const MatrixKernel& kernel, int64_t rows) {
  return kernel.unpack != nullptr && rows > kernel.tile_rows ? kernel.unpacked_tile_rows : kernel.tile_rows;
}

Plan plan_of(const PackedMatrix::Impl& matrix, int64_t rows) {
  const int64_t threads = thread_count();
  const int64_t work = rows * matrix.inputs * matrix.outputs;
  Plan plan;
  const int tile_rows = height_of(matrix.kernel(), rows);
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
      : matrix_(matrix),
        kernel_(matrix.kernel()),
        args_(args),
        plan_(plan_of(matrix, args.rows)),
        bounds_(kernel_.finishes ? bounds_of(args.activation) : std::nullopt),
        unpacks_(kernel_.unpack != nullptr && args.rows > kernel_.tile_rows),
        tile_rows_(height_of(kernel_, args.rows)) {
    assert(tile_rows_ * kernel_.panel_columns * (unpacks_ ? 1 : kWidePanels) <= kMostSums);
  }

  void run() const {
    parallel_chunks(plan_.row_blocks * plan_.panel_ranges, [&](int64_t chunk) {
      const int64_t tiles = (args_.rows + tile_rows_ - 1) / tile_rows_;
      const int64_t block = chunk / plan_.panel_ranges, range = chunk % plan_.panel_ranges;
      part(std::min(args_.rows, tiles * block / plan_.row_blocks * tile_rows_),
           std::min(args_.rows, tiles * (block + 1) / plan_.row_blocks * tile_rows_),
           matrix_.panels * range / plan_.panel_ranges, matrix_.panels * (range + 1) / plan_.panel_ranges);
    });
  }

 private:
  // Rows [first, last) against panels [panel, last_panel): the rows are prepared once, then every panel
  // passes them.
  void part(int64_t first, int64_t last, int64_t panel, int64_t last_panel) const {
    const size_t tile_bytes = (kernel_.prepared_bytes(tile_rows_, matrix_.inputs) + 63) / 64 * 64;
    const int64_t tiles = (last - first + tile_rows_ - 1) / tile_rows_;
    const size_t all_bytes = tile_bytes * static_cast<size_t>(tiles);
    const size_t unpacked_bytes = unpacks_ ? kernel_.unpacked_bytes(matrix_.inputs) : 0;
    std::byte* prepared =
        all_bytes + unpacked_bytes != 0 ? thread_scratch(all_bytes + unpacked_bytes) : nullptr;
    std::byte* unpacked = unpacks_ ? prepared + all_bytes : nullptr;
    for (int64_t t = 0; tile_bytes != 0 && t < tiles; ++t) {
      const int64_t row = first + t * tile_rows_;
      kernel_.prepare(args_.a + static_cast<size_t>(row) * args_.a_stride, args_.a_stride,
                      tile_height(row, last), matrix_.inputs, prepared + tile_bytes * static_cast<size_t>(t));
    }
    int panels = 1;
    for (; panel < last_panel; panel += panels) {
      panels = panels_of_call(panel, last_panel, last - first);
      if (unpacks_) kernel_.unpack(matrix_.panel(panel), matrix_.inputs, unpacked);
      const std::byte* a = prepared;
      for (int64_t row = first; row < last; row += tile_rows_, a += tile_bytes) {
        const Place place{.row = row, .rows = tile_height(row, last), .panel = panel, .panels = panels};
        tile(place, tile_bytes != 0 ? a : nullptr, unpacked);
      }
    }
  }

  int panels_of_call(int64_t panel, int64_t last_panel, int64_t rows) const {
    int64_t panels = !unpacks_ && rows <= tile_rows_ ? kWidePanels : 1;
    const int64_t whole = std::min(last_panel, matrix_.outputs / kernel_.panel_columns);
    if (bounds_ && !unpacks_ && panel < whole) {
      panels = std::max(panels, kCallBytes / static_cast<int64_t>(std::max<size_t>(1, matrix_.panel_bytes)));
      panels = std::min(panels, whole - panel);
    }
    return static_cast<int>(std::min(panels, last_panel - panel));
  }

  int tile_height(int64_t row, int64_t last) const {
    return static_cast<int>(std::min<int64_t>(tile_rows_, last - row));
  }

  struct Place {
    int64_t row;
    int rows;
    int64_t panel;
    int panels;
  };

  // The rows as they were prepared, where they were, and the panel as it was unpacked.
  void tile(const Place& place, const std::byte* prepared, const std::byte* unpacked) const {
    const auto& [row, rows, panel, panels] = place;
    const int64_t column = panel * kernel_.panel_columns, width = int64_t{panels} * kernel_.panel_columns;
    const size_t at = static_cast<size_t>(row) * args_.c_stride + static_cast<size_t>(column);
    const float* bias = args_.bias != nullptr ? args_.bias + column : nullptr;
    const float* residual = args_.residual != nullptr ? args_.residual + at : nullptr;
    const float* a = args_.a + static_cast<size_t>(row) * args_.a_stride;
    const auto multiply = unpacked != nullptr ? kernel_.unpacked_tile : kernel_.tile;
    TileArgs tile{.a = prepared != nullptr ? static_cast<const void*>(prepared) : a,
                  .a_stride = args_.a_stride,
                  .rows = rows,
                  .panel = unpacked != nullptr ? unpacked : matrix_.panel(panel),
                  .panel_bytes = matrix_.panel_bytes,
                  .panels = panels,
                  .inputs = matrix_.inputs,
                  .scale = matrix_.scale.empty() ? nullptr : matrix_.scale.data() + column,
                  .sum = matrix_.sum.empty() ? nullptr : matrix_.sum.data() + column};
    if (bounds_ && column + width <= matrix_.outputs) {
      tile.out = args_.c + at;
      tile.out_stride = args_.c_stride;
      tile.finish = true;
      tile.bias = bias;
      tile.residual = residual;
      tile.lower = bounds_->lower;
      tile.upper = bounds_->upper;
      return multiply(tile);
    }
    alignas(64) float sums[kMostSums];
    tile.out = sums;
    tile.out_stride = static_cast<size_t>(width);
    multiply(tile);
    matrix_.table->finish({.sums = sums,
                           .sums_stride = static_cast<size_t>(width),
                           .rows = rows,
                           .columns = std::min(width, matrix_.outputs - column),
                           .bias = bias,
                           .activation = args_.activation,
                           .residual = residual,
                           .c = args_.c + at,
                           .c_stride = args_.c_stride});
  }

  const PackedMatrix::Impl& matrix_;
  const MatrixKernel& kernel_;
  const MatmulArgs& args_;
  const Plan plan_;
  const std::optional<Bounds> bounds_;  // where a tile finishes its own sums
  const bool unpacks_;
  const int tile_rows_;
};

}  // namespace

void matmul(const PackedMatrix& weights, const MatmulArgs& args) {
  assert(weights && args.rows >= 0 && args.c_stride >= static_cast<size_t>(weights.outputs()));
  if (args.rows == 0 || weights.outputs() == 0) return;
  Product(weights.impl(), args).run();
}

}  // namespace millrace::kernels
