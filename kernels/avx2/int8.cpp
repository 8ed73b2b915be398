#include <immintrin.h>

#include "kernels/avx2/kernels.h"
#include "kernels/avx2/vector.h"

// Unsigned 8-bit activations by signed 8-bit weights through products of 16 bits: the instruction for 8 bits
// (vpmaddubsw) would saturate. A row of A is quantised with a zero point, which the sums of the weights undo.
namespace millrace::kernels::avx2 {
namespace {

constexpr int kTileRows = 6;

struct alignas(32) Header {
  float scale[8];
  int32_t zero[8];
};

// Four inputs of a row, in the order in which shifts split four weights: the first and third, the second and
// fourth.
struct Quad {
  int16_t even[2], odd[2];
};

int64_t quads_of(int64_t inputs) { return (inputs + 3) / 4; }

size_t prepared_bytes(int rows, int64_t inputs) {
  return sizeof(Header) +
         static_cast<size_t>(quads_of(inputs) + 1) * static_cast<size_t>(rows) * sizeof(Quad);
}

// A header, then [inputs / 4][rows].
void prepare(const float* a, size_t a_stride, int rows, int64_t inputs, void* prepared) {
  auto* header = static_cast<Header*>(prepared);
  auto* quads = reinterpret_cast<Quad*>(header + 1);
  for (int r = 0; r < rows; ++r) {
    const float* x = a + static_cast<size_t>(r) * a_stride;
    Vector low = Vector::broadcast(0), high = low;
    for (int64_t k = 0; k < inputs; k += 8) {
      const Vector v =
          inputs - k >= 8 ? Vector::load(x + k) : Vector::load_first(x + k, static_cast<int>(inputs - k));
      low = Vector::min(low, v);
      high = Vector::max(high, v);
    }
    const float lowest = -(Vector::broadcast(0) - low).largest(), span = high.largest() - lowest;
    const float scale = span > 1e-30f ? span / 255 : 1;
    const float inverse = 1 / scale;
    const int zero = _mm_cvtss_si32(_mm_set_ss(-lowest * inverse));
    header->scale[r] = scale;
    header->zero[r] = zero;
    // Eight values are two quads; bytes 0 2 1 3 of each become its even and odd halves.
    const __m128i order = _mm_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
    for (int64_t k = 0; k < inputs; k += 8) {
      const int lanes = static_cast<int>(inputs - k < 8 ? inputs - k : 8);
      const Vector v = lanes == 8 ? Vector::load(x + k) : Vector::load_first(x + k, lanes);
      const __m256i rounded = _mm256_cvtps_epi32((v * Vector::broadcast(inverse)).v);
      __m256i q = _mm256_add_epi32(rounded, _mm256_set1_epi32(zero));
      q = _mm256_min_epi32(_mm256_max_epi32(q, _mm256_setzero_si256()), _mm256_set1_epi32(255));
      q = _mm256_and_si256(q, Vector::first_lanes(lanes));
      const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
      const __m128i ordered = _mm_shuffle_epi8(words, order);
      Quad* to = quads + k / 4 * rows + r;
      _mm_storel_epi64(reinterpret_cast<__m128i*>(to), ordered);
      if (lanes > 4)
        _mm_storel_epi64(reinterpret_cast<__m128i*>(to + rows), _mm_unpackhi_epi64(ordered, ordered));
    }
  }
}

__m256i broadcast_pair(const int16_t* pair) {
  int both;
  __builtin_memcpy(&both, pair, sizeof(both));
  return _mm256_set1_epi32(both);
}

template <int kRows>
void tile(const TileArgs& args, int panel) {
  const auto* header = static_cast<const Header*>(args.a);
  const auto* a = reinterpret_cast<const Quad*>(header + 1);
  const std::byte* w = args.panel + static_cast<size_t>(panel) * args.panel_bytes;
  __m256i sums[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sums[r][v] = _mm256_setzero_si256();
  }
  for (int64_t q = 0; q < quads_of(args.inputs); ++q, a += kRows, w += kColumns * 4) {
    _mm_prefetch(reinterpret_cast<const char*>(w) + (kRows <= 2 ? 4096 : 1024), _MM_HINT_T0);
    __m256i half[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      const __m256i packed = _mm256_load_si256(reinterpret_cast<const __m256i*>(w + v * 32));
      half[v] = _mm256_srai_epi16(_mm256_slli_epi16(packed, 8), 8);
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m256i x = broadcast_pair(a[r].even);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v)
        sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(half[v], x));
    }
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      half[v] = _mm256_srai_epi16(_mm256_load_si256(reinterpret_cast<const __m256i*>(w + v * 32)), 8);
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m256i x = broadcast_pair(a[r].odd);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v)
        sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(half[v], x));
    }
  }
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) {
    const int column = panel * kColumns + v * 8;
    const Vector scale = Vector::load(args.scale + column);
    const __m256i weight_sum = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(args.sum + column));
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m256i offset = _mm256_mullo_epi32(weight_sum, _mm256_set1_epi32(header->zero[r]));
      const Vector exact{_mm256_cvtepi32_ps(_mm256_sub_epi32(sums[r][v], offset))};
      const Vector result = exact * (scale * Vector::broadcast(header->scale[r]));
      result.store(args.out + static_cast<size_t>(r) * args.out_stride + column);
    }
  }
}

void tiles(const TileArgs& args) {
  constexpr void (*kTiles[kTileRows])(const TileArgs&, int) = {tile<1>, tile<2>, tile<3>,
                                                               tile<4>, tile<5>, tile<6>};
  for (int p = 0; p < args.panels; ++p) kTiles[args.rows - 1](args, p);
}

}  // namespace

MatrixKernel int8_kernel() {
  return {.panel_columns = kColumns,
          .tile_rows = kTileRows,
          .prepared_bytes = prepared_bytes,
          .prepare = prepare,
          .tile = tiles};
}

}  // namespace millrace::kernels::avx2
