#include "kernels/avx512/grouped.h"
#include "kernels/amx/kernels.h"

// Many rows of activations by grouped weights: a panel's codes are unpacked once, and the tile unit
// multiplies 16 rows by the group's 32 inputs of 16 columns, or by half of them where halves have scales of
// their own. The sums are scaled as AVX-512 does it, in the same order, so that a row's result has the same
// bits.
namespace millrace::kernels::amx {
namespace {

using avx512::ActivationGroup;
using avx512::groups_of;
using avx512::kColumns;
using avx512::kVectors;

constexpr int kRegisterRows = 16;

// A group of a panel with its codes as bytes.
template <int kParts, bool kMinimum>
struct alignas(64) UnpackedGroup {
  uint8_t code[kQuads][kColumns][4];
  float scale[kParts][kColumns];
  float minimum[kMinimum ? kParts : 1][kColumns];
};

template <WeightType kType>
using UnpackedGroupOf = UnpackedGroup<group_format(kType).halves ? 2 : 1, group_format(kType).minimum>;

template <WeightType kType>
size_t unpacked_bytes(int64_t inputs) {
  return static_cast<size_t>(groups_of(inputs)) * sizeof(UnpackedGroupOf<kType>);
}

template <WeightType kType>
void unpack(const std::byte* panel, int64_t inputs, std::byte* unpacked) {
  constexpr GroupFormat kFormat = group_format(kType);
  constexpr int kRun = kFormat.shared ? kSharingGroups : 1;
  auto* to = reinterpret_cast<UnpackedGroupOf<kType>*>(unpacked);
  for (int64_t first = 0; first < groups_of(inputs); first += kRun) {
    const std::byte* shared = panel;
    panel += kColumns * kFormat.shared_bytes();
    for (int g = 0; g < kRun; ++g, panel += kColumns * kFormat.group_bytes(), ++to) {
      for (int v = 0; v < kVectors; ++v) {
        const avx512::GroupScales<kType> scales(panel, shared, v);
        for (int i = 0; i < avx512::GroupScales<kType>::kParts; ++i) {
          _mm512_store_ps(&to->scale[i][v * 16], scales.scale[i]);
          if constexpr (kFormat.minimum) _mm512_store_ps(&to->minimum[i][v * 16], scales.minimum[i]);
        }
        __m512i code[kQuads];
        avx512::unpack_codes<kType>(panel + kColumns * kFormat.own_bytes() + v * 64, code);
        for (int j = 0; j < kQuads; ++j) _mm512_store_si512(&to->code[j][v * 16], code[j]);
      }
    }
  }
}

// Registers 0 and 1 have the sums of the first and the second 16 rows, 4 and 5 their activations, 6 and 7
// columns of the panel by turns.
void configure(int rows, int quads) {
  struct alignas(64) Config {
    uint8_t palette = 1, start_row = 0, reserved[14] = {};
    uint16_t row_bytes[16] = {};
    uint8_t rows[16] = {};
  } config;
  const int upper = rows < kRegisterRows ? rows : kRegisterRows;
  const int lower = rows > kRegisterRows ? rows - kRegisterRows : upper;
  const int counts[8] = {upper, lower, upper, lower, upper, lower, quads, quads};
  for (int i = 0; i < 8; ++i) {
    config.row_bytes[i] = static_cast<uint16_t>(i == 4 || i == 5 ? quads * 4 : 64);
    config.rows[i] = static_cast<uint8_t>(counts[i]);
  }
  _tile_loadconfig(&config);
}

// The products of up to 32 rows with 16 columns over the quads that the registers are configured for. Two
// calls in a row use other registers, so that they may overlap. (The intrinsics take plain numbers alone.)
template <int kTurn>
[[gnu::always_inline]] inline void multiply(const uint8_t* code, bool both, int32_t* sums) {
  int32_t* lower = sums + kRegisterRows * 16;
  if constexpr (kTurn == 0) {
    _tile_loadd(6, code, kColumns * 4);
    _tile_zero(0);
    _tile_dpbsud(0, 4, 6);
    _tile_stored(0, sums, 64);
    if (!both) return;
    _tile_zero(1);
    _tile_dpbsud(1, 5, 6);
    _tile_stored(1, lower, 64);
  } else {
    _tile_loadd(7, code, kColumns * 4);
    _tile_zero(2);
    _tile_dpbsud(2, 4, 7);
    _tile_stored(2, sums, 64);
    if (!both) return;
    _tile_zero(3);
    _tile_dpbsud(3, 5, 7);
    _tile_stored(3, lower, 64);
  }
}

template <int kParts, bool kMinimum>
void tile(const TileArgs& args, const UnpackedGroup<kParts, kMinimum>* w, float* out) {
  constexpr int kQuadsOfPart = kQuads / kParts;
  alignas(64) float sums[kVectors][kTileRows][16];
  alignas(64) int32_t products[2][kTileRows * 16];
  const auto* x = static_cast<const ActivationGroup*>(args.a);
  const bool both = args.rows > kRegisterRows;
  for (int v = 0; v < kVectors; ++v)
    for (int r = 0; r < args.rows; ++r) _mm512_store_ps(sums[v][r], _mm512_setzero_ps());
  for (int64_t g = 0; g < groups_of(args.inputs); ++g, ++w, x += args.rows) {
    // What a row adds: each part's products, then the minima.
    const auto add = [&](int v, int part, const int32_t* product, bool last) __attribute__((always_inline)) {
      const __m512 scale = _mm512_load_ps(&w->scale[part][v * 16]);
      __m512 minimum[kParts];
      if constexpr (kMinimum) {
#pragma GCC unroll 2
        for (int i = 0; i < kParts; ++i) minimum[i] = _mm512_load_ps(&w->minimum[i][v * 16]);
      }
      for (int r = 0; r < args.rows; ++r) {
        __m512i whole = _mm512_load_si512(product + r * 16);
        if constexpr (!kMinimum) whole = _mm512_add_epi32(whole, _mm512_set1_epi32(x[r].correction[part]));
        __m512 sum =
            _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole), _mm512_mul_ps(scale, _mm512_set1_ps(x[r].scale)),
                            _mm512_load_ps(sums[v][r]));
        if constexpr (kMinimum) {
          if (last) {
#pragma GCC unroll 2
            for (int i = 0; i < kParts; ++i)
              sum = _mm512_fmadd_ps(minimum[i], _mm512_set1_ps(x[r].sum[i]), sum);
          }
        }
        _mm512_store_ps(sums[v][r], sum);
      }
    };
    if constexpr (kParts == 1) {
      _tile_loadd(4, x->values, sizeof(ActivationGroup));
      if (both) _tile_loadd(5, x[kRegisterRows].values, sizeof(ActivationGroup));
      for (int v = 0; v < kVectors; v += 2) {
        multiply<0>(w->code[0][v * 16], both, products[0]);
        multiply<1>(w->code[0][v * 16 + 16], both, products[1]);
        add(v, 0, products[0], true);
        add(v + 1, 0, products[1], true);
      }
    } else {
      for (int part = 0; part < kParts; ++part) {
        _tile_loadd(4, x->values + part * 16, sizeof(ActivationGroup));
        if (both) _tile_loadd(5, x[kRegisterRows].values + part * 16, sizeof(ActivationGroup));
        for (int v = 0; v < kVectors; v += 2) {
          multiply<0>(w->code[part * kQuadsOfPart][v * 16], both, products[0]);
          multiply<1>(w->code[part * kQuadsOfPart][v * 16 + 16], both, products[1]);
          add(v, part, products[0], part == kParts - 1);
          add(v + 1, part, products[1], part == kParts - 1);
        }
      }
    }
  }
  for (int v = 0; v < kVectors; ++v)
    for (int r = 0; r < args.rows; ++r)
      _mm512_storeu_ps(out + static_cast<size_t>(r) * args.out_stride + v * 16, _mm512_load_ps(sums[v][r]));
}

template <int kParts, bool kMinimum>
void unpacked_tiles(const TileArgs& args) {
  using Group = UnpackedGroup<kParts, kMinimum>;
  configure(args.rows, kQuads / kParts);
  for (int p = 0; p < args.panels; ++p) {
    const auto* panel = args.panel + static_cast<size_t>(p) * args.panel_bytes;
    tile<kParts, kMinimum>(args, reinterpret_cast<const Group*>(panel), args.out + p * kColumns);
  }
  _tile_release();
}

template <WeightType kType>
MatrixKernel kernel() {
  constexpr GroupFormat kFormat = group_format(kType);
  MatrixKernel kernel = avx512::grouped_kernel(kType);
  kernel.unpacked_tile_rows = kTileRows;
  kernel.unpacked_bytes = unpacked_bytes<kType>;
  kernel.unpack = unpack<kType>;
  kernel.unpacked_tile = unpacked_tiles < kFormat.halves ? 2 : 1, kFormat.minimum > ;
  return kernel;
}

}  // namespace

MatrixKernel grouped_kernel(WeightType type) {
  return with_grouped_type(type, []<WeightType kType>() { return kernel<kType>(); });
}

}  // namespace millrace::kernels::amx
