#include <immintrin.h>

#include "kernels/avx2/kernels.h"
#include "kernels/avx2/vector.h"
#include "kernels/group_format.h"

// Weights of a few bits by signed 8-bit activations, group by group of 32 (see group_format.h). Products are
// summed in 16 bits as long as they fit, two to a lane: 8 quads of codes of four bits, 15 * 127 * 2 * 8 =
// 30480; 4 quads of five bits; 2 of six. Codes of eight bits are taken with their sign, which moves to the
// activation: 128 * 127 * 2 fits.
namespace millrace::kernels::avx2 {
namespace {

constexpr int kTileRows = 4;
constexpr int kAhead = 4096;  // bytes

// 32 activations of a row, x ≈ scale * values. Where groups are whole, [0] is of all 32; else they are the
// halves'.
struct Group {
  int8_t values[kGroup];
  float scale;
  int32_t correction[2];  // -offset times the sum of the values
  float sum[2];           // scale times the sum of the values
};

int64_t groups_of(int64_t inputs) { return (inputs + kGroup - 1) / kGroup; }

size_t prepared_bytes(int rows, int64_t inputs) {
  return static_cast<size_t>(groups_of(inputs)) * static_cast<size_t>(rows) * sizeof(Group);
}

int sum_of(__m256i lanes) {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
  return _mm_cvtsi128_si32(s);
}

template <int kOffset, bool kHalves>
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
  __m256i q[4];
  for (int i = 0; i < 4; ++i) q[i] = _mm256_cvtps_epi32((v[i] * inverse).v);
  // The packing instructions work within 128 bits; the permutation puts the eight quarters in order again.
  const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(q[0], q[1]), _mm256_packs_epi32(q[2], q[3]));
  const __m256i ordered = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(group->values), ordered);
  const __m256i low = _mm256_add_epi32(q[0], q[1]), high = _mm256_add_epi32(q[2], q[3]);
  const int sum[2] = {sum_of(kHalves ? low : _mm256_add_epi32(low, high)), kHalves ? sum_of(high) : 0};
  for (int i = 0; i < 2; ++i) {
    group->correction[i] = -kOffset * sum[i];
    group->sum[i] = group->scale * static_cast<float>(sum[i]);
  }
}

// [inputs / 32][rows]
template <int kOffset, bool kHalves>
void prepare(const float* a, size_t a_stride, int rows, int64_t inputs, void* prepared) {
  auto* group = static_cast<Group*>(prepared);
  for (int64_t k = 0; k < inputs; k += kGroup) {
    for (int r = 0; r < rows; ++r)
      prepare_group<kOffset, kHalves>(a + static_cast<size_t>(r) * a_stride + k, inputs - k, group++);
  }
}

__m256i broadcast_four(const int8_t* four) {
  int all;
  __builtin_memcpy(&all, four, sizeof(all));
  return _mm256_set1_epi32(all);
}

template <int kFrom, int kTo>
__m256i moved(__m256i bits, int mask) {
  if constexpr (kFrom > kTo) bits = _mm256_srli_epi16(bits, kFrom - kTo);
  if constexpr (kFrom < kTo) bits = _mm256_slli_epi16(bits, kTo - kFrom);
  return _mm256_and_si256(bits, _mm256_set1_epi8(static_cast<char>(mask)));
}

// One more bit for every code, from a plane of one bit.
template <int kTo>
void add_bits(__m256i bits, __m256i (&code)[kQuads]) {
  code[0] = _mm256_or_si256(code[0], moved<0, kTo>(bits, 1 << kTo));
  code[1] = _mm256_or_si256(code[1], moved<1, kTo>(bits, 1 << kTo));
  code[2] = _mm256_or_si256(code[2], moved<2, kTo>(bits, 1 << kTo));
  code[3] = _mm256_or_si256(code[3], moved<3, kTo>(bits, 1 << kTo));
  code[4] = _mm256_or_si256(code[4], moved<4, kTo>(bits, 1 << kTo));
  code[5] = _mm256_or_si256(code[5], moved<5, kTo>(bits, 1 << kTo));
  code[6] = _mm256_or_si256(code[6], moved<6, kTo>(bits, 1 << kTo));
  code[7] = _mm256_or_si256(code[7], moved<7, kTo>(bits, 1 << kTo));
}

// Two bits for half of the codes, from a word of a plane of two bits.
template <int kTo>
void add_pairs(__m256i bits, __m256i* code) {
  code[0] = _mm256_or_si256(code[0], moved<0, kTo>(bits, 3 << kTo));
  code[1] = _mm256_or_si256(code[1], moved<2, kTo>(bits, 3 << kTo));
  code[2] = _mm256_or_si256(code[2], moved<4, kTo>(bits, 3 << kTo));
  code[3] = _mm256_or_si256(code[3], moved<6, kTo>(bits, 3 << kTo));
}

// Codes of eight bits, a table's too, are taken as the signed numbers that they stand for.
constexpr bool is_signed(const GroupFormat& format) { return format.bits == 8 || format.table; }

// The codes of a group for 8 columns: code[j] has quad j.
template <WeightType kType>
void unpack_codes(const std::byte* planes, __m256i (&code)[kQuads]) {
  constexpr GroupFormat kFormat = group_format(kType);
  const auto word = [&](int i) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(planes + i * kColumns * 4));
  };
  if constexpr (kFormat.bits == 8) {
#pragma GCC unroll 8
    for (int j = 0; j < kQuads; ++j) code[j] = _mm256_xor_si256(word(j), _mm256_set1_epi8(-128));
  } else if constexpr (kFormat.bits >= 4) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      code[j] = moved<0, 0>(word(j), 15);
      code[j + 4] = moved<4, 0>(word(j), 15);
    }
    if constexpr (kFormat.table) {
      const __m256i table = _mm256_xor_si256(
          _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kTable))),
          _mm256_set1_epi8(-128));
#pragma GCC unroll 8
      for (int j = 0; j < kQuads; ++j) code[j] = _mm256_shuffle_epi8(table, code[j]);
    }
    if constexpr (kFormat.bits == 5) add_bits<4>(word(4), code);
    if constexpr (kFormat.bits == 6) {
      add_pairs<4>(word(4), code);
      add_pairs<4>(word(5), code + 4);
    }
  } else {
#pragma GCC unroll 8
    for (int j = 0; j < kQuads; ++j) code[j] = _mm256_setzero_si256();
    add_pairs<0>(word(0), code);
    add_pairs<0>(word(1), code + 4);
    if constexpr (kFormat.bits == 3) add_bits<2>(word(2), code);
  }
}

// The sums of code · values over quads [kFirst, kFirst + kCount).
template <WeightType kType, int kFirst, int kCount>
__m256i dot(const __m256i (&code)[kQuads], const int8_t* values) {
  constexpr GroupFormat kFormat = group_format(kType);
  constexpr int kFits = is_signed(kFormat) ? 1 : kFormat.bits <= 4 ? 8 : kFormat.bits == 5 ? 4 : 2;
  constexpr int kRun = kFits < kCount ? kFits : kCount;
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sum = _mm256_setzero_si256();
#pragma GCC unroll 8
  for (int run = kFirst; run < kFirst + kCount; run += kRun) {
    __m256i pairs = _mm256_setzero_si256();
#pragma GCC unroll 8
    for (int j = run; j < run + kRun; ++j) {
      const __m256i x = broadcast_four(values + j * 4);
      if constexpr (is_signed(kFormat)) {
        pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(code[j]), _mm256_sign_epi8(x, code[j]));
      } else {
        pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(code[j], x));
      }
    }
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
  }
  return sum;
}

Vector load_small(const std::byte* from, bool is_unsigned) {
  const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return {_mm256_cvtepi32_ps(is_unsigned ? _mm256_cvtepu8_epi32(eight) : _mm256_cvtepi8_epi32(eight))};
}

Vector load_halves(const std::byte* from) {
  return Vector::load_float16(reinterpret_cast<const uint16_t*>(from));
}

template <WeightType kType, int kRows>
void tile(const TileArgs& args, int panel) {
  constexpr GroupFormat kFormat = group_format(kType);
  constexpr int kGroupBytes = kColumns * kFormat.group_bytes();
  constexpr int kSharedBytes = kColumns * kFormat.shared_bytes();
  constexpr int kRun = kFormat.shared ? kSharingGroups : 1;
  constexpr int kParts = kFormat.halves ? 2 : 1;
  constexpr bool kCorrected = kFormat.offset != 0 && !is_signed(kFormat);
  const auto* x = static_cast<const Group*>(args.a);
  const std::byte* w = args.panel + static_cast<size_t>(panel) * args.panel_bytes;
  Vector sums[kRows][kVectors];
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sums[r][v] = Vector::broadcast(0);
  }
  for (int64_t first = 0; first < groups_of(args.inputs); first += kRun) {
    const std::byte* shared = w;
    w += kSharedBytes;
    for (int g = 0; g < kRun; ++g, w += kGroupBytes, x += kRows) {
#pragma GCC unroll 10
      for (int line = 0; line < kGroupBytes; line += 64) {
        _mm_prefetch(reinterpret_cast<const char*>(w + kAhead + line), _MM_HINT_T0);
      }
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        Vector scale[kParts], minimum[kParts];
#pragma GCC unroll 2
        for (int i = 0; i < kParts; ++i) {
          scale[i] = load_halves((kFormat.shared ? shared : w) + v * 16);
          if constexpr (kFormat.shared) scale[i] = scale[i] * load_small(w + i * kColumns + v * 8, false);
          if constexpr (kFormat.minimum) {
            minimum[i] = load_halves((kFormat.shared ? shared : w) + kColumns * 2 + v * 16);
            if constexpr (kFormat.shared)
              minimum[i] = minimum[i] * load_small(w + (kParts + i) * kColumns + v * 8, true);
          }
        }
        __m256i code[kQuads];
        unpack_codes<kType>(w + kColumns * kFormat.own_bytes() + v * 32, code);
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) {
          const Vector x_scale = Vector::broadcast(x[r].scale);
          __m256i all[kParts];
          if constexpr (kFormat.halves) {
            all[0] = dot<kType, 0, 4>(code, x[r].values);
            all[1] = dot<kType, 4, 4>(code, x[r].values);
          } else {
            all[0] = dot<kType, 0, kQuads>(code, x[r].values);
          }
#pragma GCC unroll 2
          for (int i = 0; i < kParts; ++i) {
            if constexpr (kCorrected)
              all[i] = _mm256_add_epi32(all[i], _mm256_set1_epi32(x[r].correction[i]));
            sums[r][v] = Vector::fma(Vector{_mm256_cvtepi32_ps(all[i])}, scale[i] * x_scale, sums[r][v]);
            if constexpr (kFormat.minimum)
              sums[r][v] = Vector::fma(minimum[i], Vector::broadcast(x[r].sum[i]), sums[r][v]);
          }
        }
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

template <WeightType kType>
void tiles(const TileArgs& args) {
  constexpr void (*kTiles[kTileRows])(const TileArgs&, int) = {tile<kType, 1>, tile<kType, 2>, tile<kType, 3>,
                                                               tile<kType, 4>};
  for (int p = 0; p < args.panels; ++p) kTiles[args.rows - 1](args, p);
}

template <WeightType kType>
MatrixKernel kernel() {
  constexpr GroupFormat kFormat = group_format(kType);
  return {.panel_columns = kColumns,
          .tile_rows = kTileRows,
          .prepared_bytes = prepared_bytes,
          .prepare = prepare<kFormat.offset, kFormat.halves>,
          .tile = tiles<kType>};
}

}  // namespace

MatrixKernel grouped_kernel(WeightType type) {
  return with_grouped_type(type, []<WeightType kType>() { return kernel<kType>(); });
}

}  // namespace millrace::kernels::avx2
