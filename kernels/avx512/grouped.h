#pragma once
#include <immintrin.h>

#include "kernels/avx512/kernels.h"
#include "kernels/group_format.h"

// Unsigned codes of weights by signed 8-bit activations, group by group of 32 (see group_format.h). What
// AVX-512 and AMX have in common: the activations, and how codes and scales come out of a panel.
namespace millrace::kernels::avx512 {

inline constexpr int kGroupedRows = 4;  // as many as leave room for a group's unpacked weights

// 32 activations of a row, x ≈ scale * values: a line, of which the tile unit loads the first half.
// Where groups are whole, [0] is of all 32 and [1] unused; else they are the halves'.
struct alignas(64) ActivationGroup {
  int8_t values[kGroup];
  float scale;
  int32_t correction[2];  // -offset times the sum of the values
  float sum[2];           // scale times the sum of the values
};

inline int64_t groups_of(int64_t inputs) { return (inputs + kGroup - 1) / kGroup; }

// Moves bits from one place of each byte to another; `mask` cuts out what belongs there.
template <int kFrom, int kTo>
[[gnu::always_inline]] inline __m512i moved(__m512i bits) {
  if constexpr (kFrom > kTo) return _mm512_srli_epi16(bits, kFrom - kTo);
  if constexpr (kFrom < kTo) return _mm512_slli_epi16(bits, kTo - kFrom);
  return bits;
}

// code | (bits & mask)
[[gnu::always_inline]] inline __m512i joined(__m512i code, __m512i bits, int mask) {
  return _mm512_ternarylogic_epi32(code, bits, _mm512_set1_epi8(static_cast<char>(mask)), 0xf8);
}

// The codes of a group for 16 columns: code[j] has quad j. `planes` is the group's first word of the first
// column.
template <WeightType kType>
[[gnu::always_inline]] inline void unpack_codes(const std::byte* planes, __m512i (&code)[kQuads]) {
  constexpr GroupFormat kFormat = group_format(kType);
  const auto word = [&](int i) __attribute__((always_inline)) {
    return _mm512_loadu_si512(planes + static_cast<ptrdiff_t>(i) * kColumns * 4);
  };
  if constexpr (kFormat.bits == 8) {
#pragma GCC unroll 8
    for (int j = 0; j < kQuads; ++j) code[j] = word(j);
  } else if constexpr (kFormat.bits >= 4) {
    const __m512i nibble = _mm512_set1_epi8(15);
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      const __m512i both = word(j);
      code[j] = _mm512_and_si512(both, nibble);
      code[j + 4] = _mm512_and_si512(_mm512_srli_epi16(both, 4), nibble);
    }
    if constexpr (kFormat.table) {
      const __m512i table = _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kTable)));
#pragma GCC unroll 8
      for (int j = 0; j < kQuads; ++j) code[j] = _mm512_shuffle_epi8(table, code[j]);
    }
    if constexpr (kFormat.bits == 5) {
      const __m512i bits = word(4);
      code[0] = joined(code[0], moved<0, 4>(bits), 0x10);
      code[1] = joined(code[1], moved<1, 4>(bits), 0x10);
      code[2] = joined(code[2], moved<2, 4>(bits), 0x10);
      code[3] = joined(code[3], moved<3, 4>(bits), 0x10);
      code[4] = joined(code[4], moved<4, 4>(bits), 0x10);
      code[5] = joined(code[5], moved<5, 4>(bits), 0x10);
      code[6] = joined(code[6], moved<6, 4>(bits), 0x10);
      code[7] = joined(code[7], moved<7, 4>(bits), 0x10);
    }
    if constexpr (kFormat.bits == 6) {
#pragma GCC unroll 2
      for (int half = 0; half < 2; ++half) {
        const __m512i bits = word(4 + half);
        code[half * 4] = joined(code[half * 4], moved<0, 4>(bits), 0x30);
        code[half * 4 + 1] = joined(code[half * 4 + 1], moved<2, 4>(bits), 0x30);
        code[half * 4 + 2] = joined(code[half * 4 + 2], moved<4, 4>(bits), 0x30);
        code[half * 4 + 3] = joined(code[half * 4 + 3], moved<6, 4>(bits), 0x30);
      }
    }
  } else {
    const __m512i pair = _mm512_set1_epi8(3);
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      const __m512i bits = word(half);
      code[half * 4] = _mm512_and_si512(bits, pair);
      code[half * 4 + 1] = _mm512_and_si512(moved<2, 0>(bits), pair);
      code[half * 4 + 2] = _mm512_and_si512(moved<4, 0>(bits), pair);
      code[half * 4 + 3] = _mm512_and_si512(moved<6, 0>(bits), pair);
    }
    if constexpr (kFormat.bits == 3) {
      const __m512i bits = word(2);
      code[0] = joined(code[0], moved<0, 2>(bits), 4);
      code[1] = joined(code[1], moved<1, 2>(bits), 4);
      code[2] = joined(code[2], moved<2, 2>(bits), 4);
      code[3] = joined(code[3], moved<3, 2>(bits), 4);
      code[4] = joined(code[4], moved<4, 2>(bits), 4);
      code[5] = joined(code[5], moved<5, 2>(bits), 4);
      code[6] = joined(code[6], moved<6, 2>(bits), 4);
      code[7] = joined(code[7], moved<7, 2>(bits), 4);
    }
  }
}

[[gnu::always_inline]] inline __m512 load_halves(const std::byte* from) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}

// A group's scales and minima for 16 columns: one, or one for each half of the inputs. `group` is the first
// column's part of the group, `shared` that of what eight groups share.
template <WeightType kType>
struct GroupScales {
  static constexpr GroupFormat kFormat = group_format(kType);
  static constexpr int kParts = kFormat.halves ? 2 : 1;
  __m512 scale[kParts], minimum[kParts];

  [[gnu::always_inline]] GroupScales(const std::byte* group, const std::byte* shared, int v) {
    if constexpr (kFormat.shared) {
      const __m512 shared_scale = load_halves(shared + v * 32);
#pragma GCC unroll 2
      for (int i = 0; i < kParts; ++i) {
        const __m512i own = _mm512_cvtepi8_epi32(small(group, i, v));
        scale[i] = _mm512_mul_ps(shared_scale, _mm512_cvtepi32_ps(own));
      }
      if constexpr (kFormat.minimum) {
        const __m512 shared_minimum = load_halves(shared + kColumns * 2 + v * 32);
#pragma GCC unroll 2
        for (int i = 0; i < kParts; ++i) {
          const __m512i own = _mm512_cvtepu8_epi32(small(group, kParts + i, v));
          minimum[i] = _mm512_mul_ps(shared_minimum, _mm512_cvtepi32_ps(own));
        }
      }
    } else {
      scale[0] = load_halves(group + v * 32);
      if constexpr (kFormat.minimum) minimum[0] = load_halves(group + kColumns * 2 + v * 32);
    }
  }

 private:
  static __m128i small(const std::byte* group, int i, int v) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(group + i * kColumns + v * 16));
  }
};

// The rows' groups one after the other, [inputs / 32][rows].
size_t grouped_prepared_bytes(int rows, int64_t inputs);
}  // namespace millrace::kernels::avx512
