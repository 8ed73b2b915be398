#pragma once
#include <immintrin.h>

#include <cstdint>

namespace millrace::kernels::avx2 {

// Eight floats: the V of simd/. The methods that take a number of lanes touch no memory beyond them.
struct Vector {
  static constexpr int kLanes = 8;
  __m256 v;

  static Vector broadcast(float x) { return {_mm256_set1_ps(x)}; }
  static Vector load(const float* from) { return {_mm256_loadu_ps(from)}; }
  static Vector load_aligned(const float* from) { return {_mm256_load_ps(from)}; }
  void store(float* to) const { _mm256_storeu_ps(to, v); }

  static __m256i first_lanes(int lanes) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static Vector load_first(const float* from, int lanes) {
    return {_mm256_maskload_ps(from, first_lanes(lanes))};
  }
  void store_first(float* to, int lanes) const { _mm256_maskstore_ps(to, first_lanes(lanes), v); }
  // The first lanes of x, the others of y.
  static Vector first_or(Vector x, int lanes, Vector y) {
    return {_mm256_blendv_ps(y.v, x.v, _mm256_castsi256_ps(first_lanes(lanes)))};
  }

  friend Vector operator+(Vector a, Vector b) { return {_mm256_add_ps(a.v, b.v)}; }
  friend Vector operator-(Vector a, Vector b) { return {_mm256_sub_ps(a.v, b.v)}; }
  friend Vector operator*(Vector a, Vector b) { return {_mm256_mul_ps(a.v, b.v)}; }
  friend Vector operator/(Vector a, Vector b) { return {_mm256_div_ps(a.v, b.v)}; }
  static Vector fma(Vector a, Vector b, Vector c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }    // a b + c
  static Vector fnma(Vector a, Vector b, Vector c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }  // c - a b
  // Where an operand is not a number the result is b.
  static Vector min(Vector a, Vector b) { return {_mm256_min_ps(a.v, b.v)}; }
  static Vector max(Vector a, Vector b) { return {_mm256_max_ps(a.v, b.v)}; }
  static Vector sqrt(Vector a) { return {_mm256_sqrt_ps(a.v)}; }
  static Vector round(Vector a) {
    return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  // a 2^n for whole n in [-126, 128]: twice half of n, since 2^128 is no float.
  static Vector scale(Vector a, Vector n) {
    const __m256i all = _mm256_cvtps_epi32(n.v), half = _mm256_srai_epi32(all, 1),
                  rest = _mm256_sub_epi32(all, half);
    const __m256i bias = _mm256_set1_epi32(127);
    const __m256 one = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(half, bias), 23));
    const __m256 two = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23));
    return {_mm256_mul_ps(_mm256_mul_ps(a.v, one), two)};
  }
  static Vector scale_down(Vector a, Vector n) {  // for n in [-126, 127]
    const __m256i power = _mm256_add_epi32(_mm256_cvtps_epi32(n.v), _mm256_set1_epi32(127));
    return {_mm256_mul_ps(a.v, _mm256_castsi256_ps(_mm256_slli_epi32(power, 23)))};
  }
  // y where x is not less than limit, else 0.
  static Vector zero_where_less(Vector x, Vector limit, Vector y) {
    return {_mm256_andnot_ps(_mm256_cmp_ps(x.v, limit.v, _CMP_LT_OQ), y.v)};
  }

  float sum() const {
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
  }
  float largest() const {
    __m128 x = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
  }
  // Lane i is the sum of x[i].
  static Vector sum_each(const Vector (&x)[kLanes]) {
    const __m256 a = _mm256_hadd_ps(_mm256_hadd_ps(x[0].v, x[1].v), _mm256_hadd_ps(x[2].v, x[3].v));
    const __m256 b = _mm256_hadd_ps(_mm256_hadd_ps(x[4].v, x[5].v), _mm256_hadd_ps(x[6].v, x[7].v));
    return {_mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31))};
  }

  static Vector load_float16(const uint16_t* from) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)))};
  }
  static Vector load_bfloat16(const uint16_t* from) {
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
    return {_mm256_castsi256_ps(_mm256_slli_epi32(wide, 16))};
  }
  void store_bfloat16(uint16_t* to) const {  // to nearest, ties to even; not a number stays one
    const __m256i bits = _mm256_castps_si256(v);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i rounded = _mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7fff)), odd);
    const __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
    const __m256 unordered = _mm256_cmp_ps(v, v, _CMP_UNORD_Q);
    const __m256i high =
        _mm256_srli_epi32(_mm256_blendv_epi8(rounded, quiet, _mm256_castps_si256(unordered)), 16);
    const __m128i packed = _mm_packus_epi32(_mm256_castsi256_si128(high), _mm256_extracti128_si256(high, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), packed);
  }
  // From eight aligned pairs of bfloat16, the first or the second of each.
  static Vector even_bfloat16(const uint16_t* pairs) {
    return {_mm256_castsi256_ps(
        _mm256_slli_epi32(_mm256_load_si256(reinterpret_cast<const __m256i*>(pairs)), 16))};
  }
  static Vector odd_bfloat16(const uint16_t* pairs) {
    return {_mm256_castsi256_ps(_mm256_and_si256(_mm256_load_si256(reinterpret_cast<const __m256i*>(pairs)),
                                                 _mm256_set1_epi32(static_cast<int>(0xffff0000))))};
  }

  // `bytes` bytes from `ahead` bytes after p.
  static void prefetch(const void* p, int ahead, int bytes) {
    for (int i = 0; i < bytes; i += 64) _mm_prefetch(static_cast<const char*>(p) + ahead + i, _MM_HINT_T0);
  }
};

}  // namespace millrace::kernels::avx2
