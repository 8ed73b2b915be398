#include <immintrin.h>

#include "kernels/avx512/dot.h"
#include "kernels/avx512/int8.h"
#include "kernels/avx512/kernels.h"

namespace millrace::kernels::avx512 {
namespace {

constexpr int kChunk = 64;  // values of a line

size_t prepared_bytes(int rows, int64_t inputs) {
  return sizeof(Int8Header) +
         static_cast<size_t>((inputs + kChunk - 1) / kChunk) * static_cast<size_t>(rows) * kChunk;
}

__mmask16 lanes_before(int64_t count) {
  return count >= 16 ? __mmask16{0xffff} : static_cast<__mmask16>((1u << (count > 0 ? count : 0)) - 1);
}

void prepare(const float* a, size_t a_stride, int rows, int64_t inputs, void* prepared) {
  auto* header = static_cast<Int8Header*>(prepared);
  auto* lines = reinterpret_cast<uint8_t*>(header + 1);
  for (int r = 0; r < rows; ++r) {
    const float* x = a + static_cast<size_t>(r) * a_stride;
    __m512 low = _mm512_setzero_ps(), high = low;
    for (int64_t k = 0; k < inputs; k += 16) {
      const __m512 v = _mm512_maskz_loadu_ps(lanes_before(inputs - k), x + k);
      low = _mm512_min_ps(low, v);
      high = _mm512_max_ps(high, v);
    }
    const float lowest = _mm512_reduce_min_ps(low), span = _mm512_reduce_max_ps(high) - lowest;
    const float scale = span > 1e-30f ? span / 255 : 1;
    const float inverse = 1 / scale;
    const int zero = _mm_cvtss_si32(_mm_set_ss(-lowest * inverse));
    header->scale[r] = scale;
    header->zero[r] = zero;
    for (int64_t k = 0; k < (inputs + kChunk - 1) / kChunk * kChunk; k += 16) {
      const __mmask16 lanes = lanes_before(inputs - k);
      const __m512 v = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, x + k), _mm512_set1_ps(inverse));
      const __m512i shifted = _mm512_add_epi32(_mm512_cvtps_epi32(v), _mm512_set1_epi32(zero));
      const __m512i q = _mm512_maskz_mov_epi32(lanes, _mm512_max_epi32(shifted, _mm512_setzero_si512()));
      _mm_store_si128(
          reinterpret_cast<__m128i*>(lines + k / kChunk * kChunk * rows + r * kChunk + k % kChunk),
          _mm512_cvtusepi32_epi8(q));
    }
  }
}

template <int kRows>
void tile(const TileArgs& args, int panel) {
  const auto* header = static_cast<const Int8Header*>(args.a);
  const auto* a = reinterpret_cast<const uint8_t*>(header + 1);
  const std::byte* w = args.panel + static_cast<size_t>(panel) * args.panel_bytes;
  constexpr int kAhead = kRows <= 2 ? 8192 : 2048;
  __m512i sums[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[r][v] = _mm512_setzero_si512();
  }
  for (int64_t k = 0; k < args.inputs; k += kChunk, a += (kRows - 1) * kChunk) {
    for (int quad = 0; quad < kChunk / 4; ++quad, a += 4, w += kColumns * 4) {
      __m512i weights[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        weights[v] = _mm512_load_si512(w + v * 64);
        _mm_prefetch(reinterpret_cast<const char*>(w + v * 64 + kAhead), _MM_HINT_T0);
      }
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const __m512i x = _mm512_set1_epi32(*reinterpret_cast<const int*>(a + r * kChunk));
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) dot(sums[r][v], x, weights[v]);
      }
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const Int8Columns columns(args, panel * kColumns + v * 16);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) columns.store(sums[r][v], *header, r);
  }
}

}  // namespace

void int8_tiles(const TileArgs& args) {
  constexpr void (*kTiles[kInt8Rows])(const TileArgs&, int) = {tile<1>, tile<2>, tile<3>,
                                                               tile<4>, tile<5>, tile<6>};
  for (int p = 0; p < args.panels; ++p) kTiles[args.rows - 1](args, p);
}

MatrixKernel int8_kernel() {
  return {.panel_columns = kColumns,
          .tile_rows = kInt8Rows,
          .prepared_bytes = prepared_bytes,
          .prepare = prepare,
          .tile = int8_tiles};
}

}  // namespace millrace::kernels::avx512
