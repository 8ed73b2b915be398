#pragma once
#include <immintrin.h>

#include "kernels/amx/kernels.h"
#include "kernels/avx512/kernels.h"

// Rows of A times one panel on the tile unit, as AVX-512's layouts have them: A is [inputs / chunk][rows][64
// bytes], a panel [inputs / chunk][16][64 columns][4 bytes]. A register holds 16 rows of the one, or 16
// columns of the other, 256 bytes apart.
namespace millrace::kernels::amx {

inline constexpr int kRegisterRows = 16;
inline constexpr size_t kLine = 64;                                // bytes of a register's row
inline constexpr size_t kPanelRow = size_t{avx512::kColumns} * 4;  // from one group of inputs to the next
inline constexpr size_t kPanelStep = kRegisterRows * kPanelRow;    // from one chunk to the next

// sum[kSum] += a[kA] · b[kB], registers all.
struct Bfloat16Product {
  static constexpr int kChunk = 32;  // inputs in a line
  template <int kSum, int kA, int kB>
  [[gnu::always_inline]] static void multiply() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSum), "i"(kA), "i"(kB));
  }
};
struct Int8Product {  // unsigned by signed
  static constexpr int kChunk = 64;
  template <int kSum, int kA, int kB>
  [[gnu::always_inline]] static void multiply() {
    asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSum), "i"(kA), "i"(kB));
  }
};

// How many rows each register has: sums 0 to 3, A in 4 and 5, the panel in 6 and 7. Up to 16 rows, the four
// sums are the panel's four quarters; above, two quarters of the first and of the second 16 rows.
inline void configure(int rows) {
  struct alignas(64) Config {
    uint8_t palette = 1, start_row = 0, reserved[14] = {};
    uint16_t row_bytes[16] = {};
    uint8_t rows[16] = {};
  } config;
  const int upper = rows < kRegisterRows ? rows : kRegisterRows;
  const int lower = rows > kRegisterRows ? rows - kRegisterRows : upper;
  const int counts[8] = {upper, upper, lower, lower, upper, lower, kRegisterRows, kRegisterRows};
  for (int i = 0; i < 8; ++i) {
    config.row_bytes[i] = kLine;
    config.rows[i] = static_cast<uint8_t>(counts[i]);
  }
  _tile_loadconfig(&config);
}

// sums [rows][64 columns] of four bytes each, `stride` bytes apart. configure(rows) went before.
template <class Product>
inline void multiply_few(const std::byte* a, int rows, int64_t chunks, const std::byte* w, void* sums,
                         size_t stride) {
  constexpr int kAhead = 8192;  // the panel comes from memory
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (int64_t k = 0; k < chunks; ++k, a += static_cast<size_t>(rows) * kLine, w += kPanelStep) {
    for (size_t i = 0; i < kPanelStep; i += kLine) {
      _mm_prefetch(reinterpret_cast<const char*>(w + kAhead + i), _MM_HINT_T0);
    }
    _tile_loadd(4, a, kLine);
    _tile_loadd(6, w, kPanelRow);
    Product::template multiply<0, 4, 6>();
    _tile_loadd(7, w + kLine, kPanelRow);
    Product::template multiply<1, 4, 7>();
    _tile_loadd(6, w + 2 * kLine, kPanelRow);
    Product::template multiply<2, 4, 6>();
    _tile_loadd(7, w + 3 * kLine, kPanelRow);
    Product::template multiply<3, 4, 7>();
  }
  auto* out = static_cast<std::byte*>(sums);
  _tile_stored(0, out, stride);
  _tile_stored(1, out + kLine, stride);
  _tile_stored(2, out + 2 * kLine, stride);
  _tile_stored(3, out + 3 * kLine, stride);
}

// The same for 17 to 32 rows: the panel's halves one after the other, each register of it used twice.
template <class Product>
inline void multiply_many(const std::byte* a, int rows, int64_t chunks, const std::byte* w, void* sums,
                          size_t stride) {
  const size_t step = static_cast<size_t>(rows) * kLine;
  for (size_t half = 0; half < 2 * kLine * 2; half += 2 * kLine) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    const std::byte *x = a, *y = w + half;
    for (int64_t k = 0; k < chunks; ++k, x += step, y += kPanelStep) {
      _tile_loadd(6, y, kPanelRow);
      _tile_loadd(4, x, kLine);
      Product::template multiply<0, 4, 6>();
      _tile_loadd(7, y + kLine, kPanelRow);
      Product::template multiply<1, 4, 7>();
      _tile_loadd(5, x + kRegisterRows * kLine, kLine);
      Product::template multiply<2, 5, 6>();
      Product::template multiply<3, 5, 7>();
    }
    auto* upper = static_cast<std::byte*>(sums) + half;
    auto* lower = upper + kRegisterRows * stride;
    _tile_stored(0, upper, stride);
    _tile_stored(1, upper + kLine, stride);
    _tile_stored(2, lower, stride);
    _tile_stored(3, lower + kLine, stride);
  }
}

template <class Product>
inline void multiply(const void* a, int rows, int64_t inputs, const std::byte* w, void* sums, size_t stride) {
  const auto* lines = static_cast<const std::byte*>(a);
  const int64_t chunks = (inputs + Product::kChunk - 1) / Product::kChunk;
  if (rows <= kRegisterRows) {
    multiply_few<Product>(lines, rows, chunks, w, sums, stride);
  } else {
    multiply_many<Product>(lines, rows, chunks, w, sums, stride);
  }
}

}  // namespace millrace::kernels::amx
