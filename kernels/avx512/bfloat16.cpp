#include <immintrin.h>

#include "kernels/avx512/kernels.h"

// bfloat16 by bfloat16, summed in float32. A row's 32 values are one cache line: packing A is convert and
// store, and the tile finds row r at the constant offset 64 r.
namespace millrace::kernels::avx512 {
namespace {

constexpr int kTileRows = 6;
constexpr int kChunk = 32;  // values of a line

size_t prepared_bytes(int rows, int64_t inputs) {
  return static_cast<size_t>((inputs + kChunk - 1) / kChunk) * static_cast<size_t>(rows) * kChunk *
         sizeof(uint16_t);
}

__m512 load_some(const float* x, int64_t count) {
  if (count >= 16) return _mm512_loadu_ps(x);
  return _mm512_maskz_loadu_ps(count > 0 ? static_cast<__mmask16>((1u << count) - 1) : __mmask16{0}, x);
}

// [inputs / 32][rows][32]
void prepare(const float* a, size_t a_stride, int rows, int64_t inputs, void* prepared) {
  auto* line = static_cast<uint16_t*>(prepared);
  for (int64_t k = 0; k < inputs; k += kChunk) {
    for (int r = 0; r < rows; ++r, line += kChunk) {
      const float* x = a + static_cast<size_t>(r) * a_stride + k;
      const __m512 low = load_some(x, inputs - k), high = load_some(x + 16, inputs - k - 16);
      _mm512_store_si512(line, (__m512i)_mm512_cvtne2ps_pbh(high, low));
    }
  }
}

template <int kRows>
void tile(const TileArgs& args, int panel) {
  const auto* a = static_cast<const uint16_t*>(args.a);
  const auto* w =
      reinterpret_cast<const uint16_t*>(args.panel + static_cast<size_t>(panel) * args.panel_bytes);
  constexpr int kAhead = kRows <= 2 ? 4096 : 1024;  // values
  __m512 sums[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[r][v] = _mm512_setzero_ps();
  }
  for (int64_t k = 0; k < args.inputs; k += kChunk, a += (kRows - 1) * kChunk) {
    for (int pair = 0; pair < kChunk / 2; ++pair, a += 2, w += kColumns * 2) {
      __m512i weights[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        weights[v] = _mm512_load_si512(w + v * 32);
        _mm_prefetch(reinterpret_cast<const char*>(w + v * 32 + kAhead), _MM_HINT_T0);
      }
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const __m512i x = _mm512_set1_epi32(*reinterpret_cast<const int*>(a + r * kChunk));
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) {
          sums[r][v] = _mm512_dpbf16_ps(sums[r][v], (__m512bh)x, (__m512bh)weights[v]);
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    float* out = args.out + static_cast<size_t>(r) * args.out_stride + panel * kColumns;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(out + v * 16, sums[r][v]);
  }
}

void tiles(const TileArgs& args) {
  constexpr void (*kTiles[kTileRows])(const TileArgs&, int) = {tile<1>, tile<2>, tile<3>,
                                                               tile<4>, tile<5>, tile<6>};
  for (int p = 0; p < args.panels; ++p) kTiles[args.rows - 1](args, p);
}

}  // namespace

MatrixKernel bfloat16_kernel() {
  return {.panel_columns = kColumns,
          .tile_rows = kTileRows,
          .prepared_bytes = prepared_bytes,
          .prepare = prepare,
          .tile = tiles};
}

}  // namespace millrace::kernels::avx512
