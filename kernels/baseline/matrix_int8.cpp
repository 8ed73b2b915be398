#include <algorithm>
#include <cmath>

#include "base/tensor.h"
#include "kernels/baseline/baseline.h"

namespace millrace::kernels::baseline {
namespace {

constexpr int kColumns = 16;
constexpr int64_t kInt8Padding = 64;

int64_t round_up(int64_t value, int64_t to) { return (value + to - 1) / to * to; }

// A row of int8 activations: x ≈ scale * (values - zero), zero being representable.
struct Int8Row {
  float scale;
  int32_t zero;
};

size_t int8_row_bytes(int64_t inputs) {
  return sizeof(Int8Row) + static_cast<size_t>(round_up(inputs, kInt8Padding));
}
size_t int8_bytes(int rows, int64_t inputs) { return static_cast<size_t>(rows) * int8_row_bytes(inputs); }

void prepare_int8(const float* a, size_t a_stride, int rows, int64_t inputs, void* prepared) {
  for (int r = 0; r < rows; ++r) {
    const float* x = a + static_cast<size_t>(r) * a_stride;
    auto* out = static_cast<uint8_t*>(prepared) + static_cast<size_t>(r) * int8_row_bytes(inputs);
    float low = 0, high = 0;
    for (int64_t k = 0; k < inputs; ++k) {
      low = std::min(low, x[k]);
      high = std::max(high, x[k]);
    }
    Int8Row row{.scale = 1, .zero = 0};
    if (high - low > 1e-30f) row.scale = (high - low) / 255;
    const float inverse = 1 / row.scale;
    row.zero = static_cast<int32_t>(std::lrint(-low * inverse));
    *reinterpret_cast<Int8Row*>(out) = row;
    uint8_t* values = out + sizeof(Int8Row);
    for (int64_t k = 0; k < inputs; ++k) {
      values[k] = static_cast<uint8_t>(std::clamp<long>(std::lrint(x[k] * inverse) + row.zero, 0, 255));
    }
    std::fill(values + inputs, values + round_up(inputs, kInt8Padding), uint8_t{0});
  }
}

void tile_int8(const TileArgs& args) {
  for (int p = 0; p < args.panels; ++p) {
    const auto* panel =
        reinterpret_cast<const int8_t*>(args.panel + static_cast<size_t>(p) * args.panel_bytes);
    for (int r = 0; r < args.rows; ++r) {
      const auto* prepared =
          static_cast<const uint8_t*>(args.a) + static_cast<size_t>(r) * int8_row_bytes(args.inputs);
      const Int8Row row = *reinterpret_cast<const Int8Row*>(prepared);
      const uint8_t* a = prepared + sizeof(Int8Row);
      int32_t sums[kColumns] = {};
      for (int64_t k = 0; k < round_up(args.inputs, 4); k += 4) {
        const int8_t* quad = panel + k * kColumns;
        for (int c = 0; c < kColumns; ++c) {
          for (int j = 0; j < 4; ++j) sums[c] += a[k + j] * quad[c * 4 + j];
        }
      }
      float* out = args.out + static_cast<size_t>(r) * args.out_stride + p * kColumns;
      for (int c = 0; c < kColumns; ++c) {
        const int column = p * kColumns + c;
        out[c] = static_cast<float>(sums[c] - row.zero * args.sum[column]) * (args.scale[column] * row.scale);
      }
    }
  }
}

}  // namespace

const MatrixKernel kInt8{.panel_columns = kColumns,
                         .tile_rows = 6,
                         .prepared_bytes = int8_bytes,
                         .prepare = prepare_int8,
                         .tile = tile_int8};

}  // namespace millrace::kernels::baseline
