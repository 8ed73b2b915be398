#include "kernels/avx512/grouped.h"
#include "kernels/avx512/dot.h"

namespace millrace::kernels::avx512 {
namespace {

constexpr int kAhead = 8192;  // bytes; from memory, less is 30 % slower

__mmask16 lanes_before(int64_t count) {
  return count >= 16 ? __mmask16{0xffff} : static_cast<__mmask16>((1u << (count > 0 ? count : 0)) - 1);
}

template <int kOffset, bool kHalves>
void prepare(const float* a, size_t a_stride, int rows, int64_t inputs, void* prepared) {
  auto* group = static_cast<ActivationGroup*>(prepared);
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
      int sum[2] = {0, 0};
      if constexpr (kHalves) {
        sum[0] = _mm512_reduce_add_epi32(p);
        sum[1] = _mm512_reduce_add_epi32(q);
      } else {
        sum[0] = _mm512_reduce_add_epi32(_mm512_add_epi32(p, q));
      }
      for (int i = 0; i < 2; ++i) {
        group->correction[i] = -kOffset * sum[i];
        group->sum[i] = group->scale * static_cast<float>(sum[i]);
      }
      _mm_store_si128(reinterpret_cast<__m128i*>(group->values), _mm512_cvtepi32_epi8(p));
      _mm_store_si128(reinterpret_cast<__m128i*>(group->values + 16), _mm512_cvtepi32_epi8(q));
    }
  }
}

template <WeightType kType, int kRows>
void tile(const TileArgs& args, int panel) {
  constexpr GroupFormat kFormat = group_format(kType);
  constexpr int kGroupBytes = kColumns * kFormat.group_bytes();
  constexpr int kSharedBytes = kColumns * kFormat.shared_bytes();
  constexpr int kRun = kFormat.shared ? kSharingGroups : 1;
  const auto* x = static_cast<const ActivationGroup*>(args.a);
  const std::byte* w = args.panel + static_cast<size_t>(panel) * args.panel_bytes;
  __m512 sums[kRows][kVectors];
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[r][v] = _mm512_setzero_ps();
  }
  for (int64_t first = 0; first < groups_of(args.inputs); first += kRun) {
    const std::byte* shared = w;
    w += kSharedBytes;
    for (int g = 0; g < kRun; ++g, w += kGroupBytes, x += kRows) {
#pragma GCC unroll 40
      for (int line = 0; line < kGroupBytes; line += 64) {
        _mm_prefetch(reinterpret_cast<const char*>(w + kAhead + line), _MM_HINT_T0);
      }
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        const GroupScales<kType> scales(w, shared, v);
        __m512i code[kQuads];
        unpack_codes<kType>(w + kColumns * kFormat.own_bytes() + v * 64, code);
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) {
          const auto* values = reinterpret_cast<const int*>(x[r].values);
          const __m512 x_scale = _mm512_set1_ps(x[r].scale);
          // Two chains of additions: of the halves.
          __m512i low = _mm512_setzero_si512(), high = low;
          if constexpr (kFormat.offset != 0) low = _mm512_set1_epi32(x[r].correction[0]);
          if constexpr (kFormat.offset != 0 && kFormat.halves) high = _mm512_set1_epi32(x[r].correction[1]);
#pragma GCC unroll 4
          for (int quad = 0; quad < 4; ++quad) {
            dot_broadcast(low, code[quad], values + quad);
            dot_broadcast(high, code[quad + 4], values + quad + 4);
          }
          if constexpr (kFormat.halves) {
            sums[r][v] =
                _mm512_fmadd_ps(_mm512_cvtepi32_ps(low), _mm512_mul_ps(scales.scale[0], x_scale), sums[r][v]);
            sums[r][v] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(high), _mm512_mul_ps(scales.scale[1], x_scale),
                                         sums[r][v]);
          } else {
            sums[r][v] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_add_epi32(low, high)),
                                         _mm512_mul_ps(scales.scale[0], x_scale), sums[r][v]);
          }
          if constexpr (kFormat.minimum) {
#pragma GCC unroll 2
            for (int i = 0; i < GroupScales<kType>::kParts; ++i) {
              sums[r][v] = _mm512_fmadd_ps(scales.minimum[i], _mm512_set1_ps(x[r].sum[i]), sums[r][v]);
            }
          }
        }
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

template <WeightType kType>
void tiles(const TileArgs& args) {
  constexpr void (*kTiles[kGroupedRows])(const TileArgs&, int) = {tile<kType, 1>, tile<kType, 2>,
                                                                  tile<kType, 3>, tile<kType, 4>};
  for (int p = 0; p < args.panels; ++p) kTiles[args.rows - 1](args, p);
}

template <WeightType kType>
MatrixKernel kernel() {
  constexpr GroupFormat kFormat = group_format(kType);
  return {.panel_columns = kColumns,
          .tile_rows = kGroupedRows,
          .prepared_bytes = grouped_prepared_bytes,
          .prepare = prepare<kFormat.offset, kFormat.halves>,
          .tile = tiles<kType>};
}

}  // namespace

size_t grouped_prepared_bytes(int rows, int64_t inputs) {
  return static_cast<size_t>(groups_of(inputs)) * static_cast<size_t>(rows) * sizeof(ActivationGroup);
}

MatrixKernel grouped_kernel(WeightType type) {
  return with_grouped_type(type, []<WeightType kType>() { return kernel<kType>(); });
}

}  // namespace millrace::kernels::avx512
