#pragma once
#include <immintrin.h>

#include <cstdint>

namespace millrace::kernels::avx512 {

// Sixteen floats: the V of simd/. The methods that take a number of lanes touch no memory beyond them.
struct Vector {
  static constexpr int kLanes = 16;
  __m512 v;

  static Vector broadcast(float x) { return {_mm512_set1_ps(x)}; }
  static Vector load(const float* from) { return {_mm512_loadu_ps(from)}; }
  static Vector load_aligned(const float* from) { return {_mm512_load_ps(from)}; }
  void store(float* to) const { _mm512_storeu_ps(to, v); }

  static __mmask16 first_lanes(int lanes) { return static_cast<__mmask16>((1u << lanes) - 1); }
  static Vector load_first(const float* from, int lanes) {
    return {_mm512_maskz_loadu_ps(first_lanes(lanes), from)};
  }
  void store_first(float* to, int lanes) const { _mm512_mask_storeu_ps(to, first_lanes(lanes), v); }
  // The first lanes of x, the others of y.
  static Vector first_or(Vector x, int lanes, Vector y) {
    return {_mm512_mask_mov_ps(y.v, first_lanes(lanes), x.v)};
  }

  friend Vector operator+(Vector a, Vector b) { return {_mm512_add_ps(a.v, b.v)}; }
  friend Vector operator-(Vector a, Vector b) { return {_mm512_sub_ps(a.v, b.v)}; }
  friend Vector operator*(Vector a, Vector b) { return {_mm512_mul_ps(a.v, b.v)}; }
  friend Vector operator/(Vector a, Vector b) { return {_mm512_div_ps(a.v, b.v)}; }
  static Vector fma(Vector a, Vector b, Vector c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }    // a b + c
  static Vector fnma(Vector a, Vector b, Vector c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }  // c - a b
  // Where an operand is not a number the result is b.
  static Vector min(Vector a, Vector b) { return {_mm512_min_ps(a.v, b.v)}; }
  static Vector max(Vector a, Vector b) { return {_mm512_max_ps(a.v, b.v)}; }
  static Vector sqrt(Vector a) { return {_mm512_sqrt_ps(a.v)}; }
  static Vector round(Vector a) {
    return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  static Vector scale(Vector a, Vector n) { return {_mm512_scalef_ps(a.v, n.v)}; }  // a 2^n
  static Vector scale_down(Vector a, Vector n) { return scale(a, n); }              // for n in [-126, 127]
  // y where x is not less than limit, else 0.
  static Vector zero_where_less(Vector x, Vector limit, Vector y) {
    return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x.v, limit.v, _CMP_NLT_UQ), y.v)};
  }

  float sum() const { return _mm512_reduce_add_ps(v); }
  float largest() const { return _mm512_reduce_max_ps(v); }
  // Lane i is the sum of x[i]: four rounds that halve what is left of every vector while they interleave
  // them.
  static Vector sum_each(const Vector (&x)[kLanes]) {
    __m512 a[8], b[4], c[2];
    for (int i = 0; i < 8; ++i) {  // pairs within 128 bits
      const __m512 p = x[2 * i].v, q = x[2 * i + 1].v;
      a[i] = _mm512_add_ps(_mm512_unpacklo_ps(p, q), _mm512_unpackhi_ps(p, q));
    }
    for (int i = 0; i < 4; ++i) {  // a quad holds the sums of four vectors over one 128-bit block
      const __m512 p = a[2 * i], q = a[2 * i + 1];
      b[i] = _mm512_add_ps(_mm512_shuffle_ps(p, q, 0x44), _mm512_shuffle_ps(p, q, 0xee));
    }
    for (int i = 0; i < 2; ++i) {
      const __m512 p = b[2 * i], q = b[2 * i + 1];
      c[i] = _mm512_add_ps(_mm512_shuffle_f32x4(p, q, 0x88), _mm512_shuffle_f32x4(p, q, 0xdd));
    }
    return {_mm512_add_ps(_mm512_shuffle_f32x4(c[0], c[1], 0x88), _mm512_shuffle_f32x4(c[0], c[1], 0xdd))};
  }

  static Vector load_float16(const uint16_t* from) {
    return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)))};
  }
  static Vector load_bfloat16(const uint16_t* from) {
    const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
    return {_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16))};
  }
  // To nearest, ties to even; not a number stays one. Not the instruction, which flushes the smallest
  // numbers.
  void store_bfloat16(uint16_t* to) const {
    const __m512i bits = _mm512_castps_si512(v);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
    const __m512i quiet = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
    const __m512i chosen = _mm512_mask_mov_epi32(rounded, _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), quiet);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtepi32_epi16(_mm512_srli_epi32(chosen, 16)));
  }
  // From sixteen aligned pairs of bfloat16, the first or the second of each.
  static Vector even_bfloat16(const uint16_t* pairs) {
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_load_si512(pairs), 16))};
  }
  static Vector odd_bfloat16(const uint16_t* pairs) {
    const __m512i high = _mm512_set1_epi32(static_cast<int>(0xffff0000));
    return {_mm512_castsi512_ps(_mm512_and_si512(_mm512_load_si512(pairs), high))};
  }

  // `bytes` bytes from `ahead` bytes after p.
  static void prefetch(const void* p, int ahead, int bytes) {
    for (int i = 0; i < bytes; i += 64) _mm_prefetch(static_cast<const char*>(p) + ahead + i, _MM_HINT_T0);
  }
};

}  // namespace millrace::kernels::avx512
