#include <immintrin.h>

#include "kernels/avx2/kernels.h"
#include "kernels/avx2/vector.h"

// Unsigned 4-bit weights by signed 8-bit activations, group by group of 32. A group's 32 products fit 16
// bits: eight pairs of 15 * 127 * 2 are 30480. The weights' offset of 8 enters through the sum of the
// activations.
namespace millrace::kernels::avx2 {
namespace {

constexpr int kTileRows = 4;
constexpr size_t kGroupBytes = kColumns * (2 + kGroup / 2);
constexpr int kAhead = 4096;  // bytes

struct Group {
  int8_t values[kGroup];
  float scale;
  int32_t correction;  // -8 times the sum of the values
};

int64_t groups_of(int64_t inputs) { return (inputs + kGroup - 1) / kGroup; }

size_t prepared_bytes(int rows, int64_t inputs) {
  return static_cast<size_t>(groups_of(inputs)) * static_cast<size_t>(rows) * sizeof(Group);
}

void prepare_group(const float* x, int64_t count, Group* group) {
  Vector v[4];
  Vector top = Vector::broadcast(0);
  const Vector magnitude{_mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff))};
  for (int i = 0; i < 4; ++i) {
    const int64_t rest = count - i * 8;
    v[i] = rest >= 8 ? Vector::load(x + i * 8) : Vector::broadcast(0);
    if (rest > 0 && rest < 8) v[i] = Vector::load_first(x + i * 8, static_cast<int>(rest));
    top = Vector::max(top, Vector{_mm256_and_ps(v[i].v, magnitude.v)});
  }
  const float largest = top.largest();
  group->scale = largest > 1e-30f ? largest / 127 : 1;
  const Vector inverse = Vector::broadcast(1 / group->scale);
  __m256i sum = _mm256_setzero_si256(), q[4];
  for (int i = 0; i < 4; ++i) {
    q[i] = _mm256_cvtps_epi32((v[i] * inverse).v);
    sum = _mm256_add_epi32(sum, q[i]);
  }
  // The packing instructions work within 128 bits; the permutation puts the eight quarters in order again.
  const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(q[0], q[1]), _mm256_packs_epi32(q[2], q[3]));
  const __m256i ordered = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(group->values), ordered);
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
  group->correction = -8 * _mm_cvtsi128_si32(s);
}

// [inputs / 32][rows]
void prepare(const float* a, size_t a_stride, int rows, int64_t inputs, void* prepared) {
  auto* group = static_cast<Group*>(prepared);
  for (int64_t k = 0; k < inputs; k += kGroup) {
    for (int r = 0; r < rows; ++r)
      prepare_group(a + static_cast<size_t>(r) * a_stride + k, inputs - k, group++);
  }
}

__m256i broadcast_four(const int8_t* four) {
  int all;
  __builtin_memcpy(&all, four, sizeof(all));
  return _mm256_set1_epi32(all);
}

template <int kRows>
void tile(const TileArgs& args, int panel) {
  const auto* group = static_cast<const Group*>(args.a);
  const std::byte* w = args.panel + static_cast<size_t>(panel) * args.panel_bytes;
  const __m256i nibble = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
  Vector sums[kRows][kVectors];
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sums[r][v] = Vector::broadcast(0);
  }
  for (int64_t g = 0; g < groups_of(args.inputs); ++g, w += kGroupBytes, group += kRows) {
#pragma GCC unroll 5
    for (size_t line = 0; line < kGroupBytes; line += 64) {
      _mm_prefetch(reinterpret_cast<const char*>(w + kAhead + line), _MM_HINT_T0);
    }
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      const Vector scale = Vector::load_float16(reinterpret_cast<const uint16_t*>(w + v * 16));
      __m256i low[4], high[4];
#pragma GCC unroll 4
      for (int quad = 0; quad < 4; ++quad) {
        const __m256i packed = _mm256_load_si256(
            reinterpret_cast<const __m256i*>(w + kColumns * 2 + quad * kColumns * 4 + v * 32));
        low[quad] = _mm256_and_si256(packed, nibble);
        high[quad] = _mm256_and_si256(_mm256_srli_epi16(packed, 4), nibble);
      }
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        __m256i pairs = _mm256_setzero_si256();
#pragma GCC unroll 4
        for (int quad = 0; quad < 4; ++quad) {
          const int8_t* x = group[r].values + quad * 4;
          pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(low[quad], broadcast_four(x)));
          pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(high[quad], broadcast_four(x + 16)));
        }
        const __m256i all =
            _mm256_add_epi32(_mm256_madd_epi16(pairs, ones), _mm256_set1_epi32(group[r].correction));
        sums[r][v] = Vector::fma(Vector{_mm256_cvtepi32_ps(all)}, scale * Vector::broadcast(group[r].scale),
                                 sums[r][v]);
      }
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
    float* out = args.out + static_cast<size_t>(r) * args.out_stride + panel * kColumns;
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sums[r][v].store(out + v * 8);
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

}  // namespace millrace::kernels::avx2
