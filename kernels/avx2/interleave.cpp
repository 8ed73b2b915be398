#include <immintrin.h>

#include "kernels/avx2/kernels.h"

namespace millrace::kernels::avx2 {
namespace {

// Eight values of each of eight rows, turned: three rounds of exchanges at distances of one, two and four.
void turn(const float* const* rows, int64_t k, float* out, int columns) {
  __m256 x[8], y[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) x[i] = _mm256_loadu_ps(rows[i] + k);
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    y[i] = _mm256_unpacklo_ps(x[i], x[i + 1]);
    y[i + 1] = _mm256_unpackhi_ps(x[i], x[i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4) {
    x[i] = _mm256_shuffle_ps(y[i], y[i + 2], 0x44);
    x[i + 1] = _mm256_shuffle_ps(y[i], y[i + 2], 0xee);
    x[i + 2] = _mm256_shuffle_ps(y[i + 1], y[i + 3], 0x44);
    x[i + 3] = _mm256_shuffle_ps(y[i + 1], y[i + 3], 0xee);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    _mm256_storeu_ps(out + i * columns, _mm256_permute2f128_ps(x[i], x[i + 4], 0x20));
    _mm256_storeu_ps(out + (i + 4) * columns, _mm256_permute2f128_ps(x[i], x[i + 4], 0x31));
  }
}

}  // namespace

void interleave(const float* const* rows, int columns, int64_t count, float* out) {
  int64_t k = 0;
  for (; k + 8 <= count; k += 8) {
    for (int c = 0; c < columns; c += 8) turn(rows + c, k, out + k * columns + c, columns);
  }
  for (; k < count; ++k) {
    for (int c = 0; c < columns; ++c) out[k * columns + c] = rows[c][k];
  }
}

}  // namespace millrace::kernels::avx2
