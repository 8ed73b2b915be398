#include <immintrin.h>

#include "kernels/avx512/dot.h"
#include "kernels/avx512/kernels.h"

// Unsigned 4-bit weights by signed 8-bit activations, group by group of 32. The weights' offset of 8 enters
// as the first value of each group's sum.
namespace millrace::kernels::avx512 {
namespace {

constexpr int kTileRows = 4;  // as many as leave room for a block's unpacked weights
constexpr size_t kGroupBytes = kColumns * (2 + kGroup / 2);
constexpr int kAhead = 8192;  // bytes; from memory, less is 30 % slower

struct Group {
  int8_t values[kGroup];
  float scale;
  int32_t correction;  // -8 times the sum of the values
};

int64_t groups_of(int64_t inputs) { return (inputs + kGroup - 1) / kGroup; }

size_t prepared_bytes(int rows, int64_t inputs) {
  return static_cast<size_t>(groups_of(inputs)) * static_cast<size_t>(rows) * sizeof(Group);
}

__mmask16 lanes_before(int64_t count) {
  return count >= 16 ? __mmask16{0xffff} : static_cast<__mmask16>((1u << (count > 0 ? count : 0)) - 1);
}

// [inputs / 32][rows]
void prepare(const float* a, size_t a_stride, int rows, int64_t inputs, void* prepared) {
  auto* group = static_cast<Group*>(prepared);
  for (int64_t k = 0; k < inputs; k += kGroup) {
    for (int r = 0; r < rows; ++r, ++group) {
      const float* x = a + static_cast<size_t>(r) * a_stride + k;
      const __m512 low = _mm512_maskz_loadu_ps(lanes_before(inputs - k), x);
      const __m512 high = _mm512_maskz_loadu_ps(lanes_before(inputs - k - 16), x + 16);
      const float top = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(low), _mm512_abs_ps(high)));
      group->scale = top > 1e-30f ? top / 127 : 1;
      const __m512 inverse = _mm512_set1_ps(1 / group->scale);
      const __m512i p = _mm512_cvtps_epi32(_mm512_mul_ps(low, inverse));
      const __m512i q = _mm512_cvtps_epi32(_mm512_mul_ps(high, inverse));
      group->correction = -8 * _mm512_reduce_add_epi32(_mm512_add_epi32(p, q));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(group->values), _mm512_cvtepi32_epi8(p));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(group->values + 16), _mm512_cvtepi32_epi8(q));
    }
  }
}

template <int kRows>
void tile(const TileArgs& args, int panel) {
  const auto* group = static_cast<const Group*>(args.a);
  const std::byte* w = args.panel + static_cast<size_t>(panel) * args.panel_bytes;
  const __m512i nibble = _mm512_set1_epi8(15);
  __m512 sums[kRows][kVectors];
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[r][v] = _mm512_setzero_ps();
  }
  for (int64_t g = 0; g < groups_of(args.inputs); ++g, w += kGroupBytes, group += kRows) {
#pragma GCC unroll 18
    for (size_t line = 0; line < kGroupBytes; line += 64) {
      _mm_prefetch(reinterpret_cast<const char*>(w + kAhead + line), _MM_HINT_T0);
    }
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const __m512 scale = _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(w + v * 32)));
      __m512i low[4], high[4];
#pragma GCC unroll 4
      for (int quad = 0; quad < 4; ++quad) {
        const __m512i packed = _mm512_load_si512(w + kColumns * 2 + quad * kColumns * 4 + v * 64);
        low[quad] = _mm512_and_si512(packed, nibble);
        high[quad] = _mm512_and_si512(_mm512_srli_epi16(packed, 4), nibble);
      }
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        const auto* x = reinterpret_cast<const int*>(group[r].values);
        __m512i even = _mm512_set1_epi32(group[r].correction), odd = _mm512_setzero_si512();  // two chains
#pragma GCC unroll 4
        for (int quad = 0; quad < 4; ++quad) {
          dot_broadcast(even, low[quad], x + quad);
          dot_broadcast(odd, high[quad], x + quad + 4);
        }
        sums[r][v] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_add_epi32(even, odd)),
                                     _mm512_mul_ps(scale, _mm512_set1_ps(group[r].scale)), sums[r][v]);
      }
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
    float* out = args.out + static_cast<size_t>(r) * args.out_stride + panel * kColumns;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(out + v * 16, sums[r][v]);
  }
}

void tiles(const TileArgs& args) {
  constexpr void (*kTiles[kTileRows])(const TileArgs&, int) = {tile<1>, tile<2>, tile<3>, tile<4>};
  for (int p = 0; p < args.panels; ++p) kTiles[args.rows - 1](args, p);
}

}  // namespace

MatrixKernel int4_kernel() {
  return {.panel_columns = kColumns,
          .tile_rows = kTileRows,
          .prepared_bytes = prepared_bytes,
          .prepare = prepare,
          .tile = tiles};
}

}  // namespace millrace::kernels::avx512
