#pragma once
#include <immintrin.h>

#include "kernels/kernel_table.h"

// Unsigned 8-bit activations by signed 8-bit weights. A row of A is quantised with a zero point, which the
// sums of the weights undo: sum (a - zero) w = sum a w - zero sum w. Prepared rows are a header, then
// [inputs / 64][rows][64].
namespace millrace::kernels::avx512 {

inline constexpr int kInt8Rows = 6;  // that one tile takes

struct alignas(64) Int8Header {
  float scale[32];
  int32_t zero[32];
};

void int8_tiles(const TileArgs& args);

// What turns the sums of sixteen columns into numbers.
class Int8Columns {
 public:
  Int8Columns(const TileArgs& args, int column)
      : scale_(_mm512_loadu_ps(args.scale + column)),
        weight_sum_(_mm512_loadu_si512(args.sum + column)),
        out_(args.out + column),
        stride_(args.out_stride) {}

  void store(__m512i sums, const Int8Header& header, int row) const {
    const __m512i offset = _mm512_mullo_epi32(weight_sum_, _mm512_set1_epi32(header.zero[row]));
    const __m512 exact = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums, offset));
    _mm512_storeu_ps(out_ + static_cast<size_t>(row) * stride_,
                     _mm512_mul_ps(exact, _mm512_mul_ps(scale_, _mm512_set1_ps(header.scale[row]))));
  }

 private:
  __m512 scale_;
  __m512i weight_sum_;
  float* out_;
  size_t stride_;
};

}  // namespace millrace::kernels::avx512
