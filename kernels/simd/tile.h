#pragma once
#include "kernels/kernel_table.h"

// The register tiles of the float32 product, and of bfloat16 weights where the CPU has no bfloat16 product:
// `kRows` rows of A against `kPanels` panels of kVectors vectors each. The sums are taken over the inputs in
// order, with one fused multiply-add each, in every instance, so that all instances give the same bits.
namespace millrace::kernels::simd {

// The sums of one tile, in registers: every loop over them has constant bounds and is unrolled.
template <class V, int kVectors, int kRows, int kPanels>
struct Sums {
  static constexpr int kColumns = V::kLanes * kVectors;
  V sums[kRows][kPanels][kVectors];

  Sums() {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sums[r][p][v] = V::broadcast(0);
      }
    }
  }

  // sums += a[r][k] * load(p, v) for one k.
  template <class Load>
  [[gnu::always_inline]] void accumulate(const float* a, size_t stride, int64_t k, const Load& load) {
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
      V weights[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) weights[v] = load(p, v);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const V x = V::broadcast(a[static_cast<size_t>(r) * stride + static_cast<size_t>(k)]);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sums[r][p][v] = V::fma(x, weights[v], sums[r][p][v]);
      }
    }
  }

  // The sums go to the tile's panels from `first_panel` on, finished where that is wanted.
  void store(const TileArgs& args, int first_panel) const {
    if (args.finish)
      store_finished(args, first_panel);
    else
      each(args, first_panel, [](V sum, float* out, int64_t) { sum.store(out); });
  }

 private:
  void store_finished(const TileArgs& args, int first_panel) const {
    const V lower = V::broadcast(args.lower), upper = V::broadcast(args.upper);
    each(args, first_panel, [&](V sum, float* out, int64_t column) {
      if (args.bias != nullptr) sum = sum + V::load(args.bias + column);
      sum = V::min(upper, V::max(lower, sum));
      if (args.residual != nullptr) sum = sum + V::load(args.residual + (out - args.out));
      sum.store(out);
    });
  }

  template <class Use>
  [[gnu::always_inline]] void each(const TileArgs& args, int first_panel, const Use& use) const {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) {
          const int64_t column = (first_panel + p) * kColumns + v * V::kLanes;
          use(sums[r][p][v], args.out + static_cast<size_t>(r) * args.out_stride + column, column);
        }
      }
    }
  }
};

// How far ahead the weights are prefetched, in bytes: they come from memory where there are few rows.
constexpr int prefetch_distance(int rows) { return rows <= 2 ? 8192 : 2048; }

template <class V, int kVectors, int kRows, int kPanels>
struct Float32Tile {
  static void run(const TileArgs& args, int first_panel) {
    constexpr int kColumns = V::kLanes * kVectors;
    const auto* a = static_cast<const float*>(args.a);
    const auto* w =
        reinterpret_cast<const float*>(args.panel + static_cast<size_t>(first_panel) * args.panel_bytes);
    const size_t stride = args.a_stride, panel_floats = args.panel_bytes / sizeof(float);
    Sums<V, kVectors, kRows, kPanels> sums;
    for (int64_t k = 0; k < args.inputs; ++k, w += kColumns) {
      sums.accumulate(
          a, stride, k, [&](int p, int v) __attribute__((always_inline)) {
            return V::load_aligned(w + static_cast<size_t>(p) * panel_floats + v * V::kLanes);
          });
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
        V::prefetch(w + static_cast<size_t>(p) * panel_floats, prefetch_distance(kRows), kColumns * 4);
      }
    }
    sums.store(args, first_panel);
  }
};

// Weights in pairs of inputs: [inputs / 2][columns][2].
template <class V, int kVectors, int kRows, int kPanels>
struct Bfloat16Tile {
  static void run(const TileArgs& args, int first_panel) {
    constexpr int kColumns = V::kLanes * kVectors;
    const auto* a = static_cast<const float*>(args.a);
    const auto* w =
        reinterpret_cast<const uint16_t*>(args.panel + static_cast<size_t>(first_panel) * args.panel_bytes);
    const size_t stride = args.a_stride, panel_values = args.panel_bytes / sizeof(uint16_t);
    Sums<V, kVectors, kRows, kPanels> sums;
    const auto even = [&](int p, int v) __attribute__((always_inline)) {
      return V::even_bfloat16(w + static_cast<size_t>(p) * panel_values + v * V::kLanes * 2);
    };
    const auto odd = [&](int p, int v) __attribute__((always_inline)) {
      return V::odd_bfloat16(w + static_cast<size_t>(p) * panel_values + v * V::kLanes * 2);
    };
    int64_t k = 0;
    for (; k + 2 <= args.inputs; k += 2, w += kColumns * 2) {
      sums.accumulate(a, stride, k, even);
      sums.accumulate(a, stride, k + 1, odd);
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
        V::prefetch(w + static_cast<size_t>(p) * panel_values, prefetch_distance(kRows), kColumns * 4);
      }
    }
    if (k < args.inputs) sums.accumulate(a, stride, k, even);
    sums.store(args, first_panel);
  }
};

// A panel of bfloat16 pairs as Float32Tile takes it: where many rows meet it, it is widened once.
template <class V, int kVectors>
void widen_panel(const std::byte* panel, int64_t inputs, std::byte* widened) {
  constexpr int kColumns = V::kLanes * kVectors;
  const auto* w = reinterpret_cast<const uint16_t*>(panel);
  auto* out = reinterpret_cast<float*>(widened);
  for (int64_t k = 0; k < inputs; k += 2, w += kColumns * 2, out += kColumns * 2) {
    for (int v = 0; v < kVectors; ++v) {
      V::even_bfloat16(w + v * V::kLanes * 2).store(out + v * V::kLanes);
      V::odd_bfloat16(w + v * V::kLanes * 2).store(out + kColumns + v * V::kLanes);
    }
  }
}

template <int kColumns>
size_t widened_bytes(int64_t inputs) {
  return static_cast<size_t>((inputs + 1) / 2 * 2) * kColumns * sizeof(float);
}

inline constexpr int kTileRows = 6;

// One row has too few sums in flight to hide the latency of an addition: it takes several panels at once.
template <class V, int kVectors, template <class, int, int, int> class Tile>
void run_tiles(const TileArgs& args) {
  using Run = void (*)(const TileArgs&, int);
  constexpr Run kRun[kTileRows] = {Tile<V, kVectors, 1, 1>::run, Tile<V, kVectors, 2, 1>::run,
                                   Tile<V, kVectors, 3, 1>::run, Tile<V, kVectors, 4, 1>::run,
                                   Tile<V, kVectors, 5, 1>::run, Tile<V, kVectors, 6, 1>::run};
  constexpr int kWide = 8 / kVectors;
  int panel = 0;
  if (args.rows == 1) {
    for (; panel + kWide <= args.panels; panel += kWide) Tile<V, kVectors, 1, kWide>::run(args, panel);
  }
  for (; panel < args.panels; ++panel) kRun[args.rows - 1](args, panel);
}

}  // namespace millrace::kernels::simd
