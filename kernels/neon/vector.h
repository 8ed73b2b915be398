#pragma once
#include <arm_neon.h>

#include <cstdint>

namespace millrace::kernels::neon {

// Four floats: the V of simd/. The methods that take a number of lanes touch no memory beyond them.
struct Vector {
  static constexpr int kLanes = 4;
  float32x4_t v;

  static Vector broadcast(float x) { return {vdupq_n_f32(x)}; }
  static Vector load(const float* from) { return {vld1q_f32(from)}; }
  static Vector load_aligned(const float* from) { return load(from); }
  void store(float* to) const { vst1q_f32(to, v); }

  static Vector load_first(const float* from, int lanes) {
    float all[kLanes] = {};
    for (int i = 0; i < lanes; ++i) all[i] = from[i];
    return load(all);
  }
  void store_first(float* to, int lanes) const {
    float all[kLanes];
    store(all);
    for (int i = 0; i < lanes; ++i) to[i] = all[i];
  }
  // The first lanes of x, the others of y.
  static Vector first_or(Vector x, int lanes, Vector y) {
    const int32_t index[kLanes] = {0, 1, 2, 3};
    return {vbslq_f32(vcltq_s32(vld1q_s32(index), vdupq_n_s32(lanes)), x.v, y.v)};
  }

  friend Vector operator+(Vector a, Vector b) { return {vaddq_f32(a.v, b.v)}; }
  friend Vector operator-(Vector a, Vector b) { return {vsubq_f32(a.v, b.v)}; }
  friend Vector operator*(Vector a, Vector b) { return {vmulq_f32(a.v, b.v)}; }
  friend Vector operator/(Vector a, Vector b) { return {vdivq_f32(a.v, b.v)}; }
  static Vector fma(Vector a, Vector b, Vector c) { return {vfmaq_f32(c.v, a.v, b.v)}; }   // a b + c
  static Vector fnma(Vector a, Vector b, Vector c) { return {vfmsq_f32(c.v, a.v, b.v)}; }  // c - a b
  static Vector min(Vector a, Vector b) { return {vminq_f32(a.v, b.v)}; }
  static Vector max(Vector a, Vector b) { return {vmaxq_f32(a.v, b.v)}; }
  static Vector sqrt(Vector a) { return {vsqrtq_f32(a.v)}; }
  static Vector round(Vector a) { return {vrndnq_f32(a.v)}; }
  // a 2^n for whole n in [-126, 128]: twice half of n, since 2^128 is no float.
  static Vector scale(Vector a, Vector n) {
    const int32x4_t all = vcvtq_s32_f32(n.v), half = vshrq_n_s32(all, 1), bias = vdupq_n_s32(127);
    const float32x4_t one = vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(half, bias), 23));
    const float32x4_t two = vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vsubq_s32(all, half), bias), 23));
    return {vmulq_f32(vmulq_f32(a.v, one), two)};
  }
  static Vector scale_down(Vector a, Vector n) {  // for n in [-126, 127]
    const int32x4_t power = vaddq_s32(vcvtq_s32_f32(n.v), vdupq_n_s32(127));
    return {vmulq_f32(a.v, vreinterpretq_f32_s32(vshlq_n_s32(power, 23)))};
  }
  // y where x is not less than limit, else 0.
  static Vector zero_where_less(Vector x, Vector limit, Vector y) {
    return {vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(y.v), vcltq_f32(x.v, limit.v)))};
  }

  float sum() const { return vaddvq_f32(v); }
  float largest() const { return vmaxvq_f32(v); }
  // Lane i is the sum of x[i].
  static Vector sum_each(const Vector (&x)[kLanes]) {
    return {vpaddq_f32(vpaddq_f32(x[0].v, x[1].v), vpaddq_f32(x[2].v, x[3].v))};
  }

  static Vector load_float16(const uint16_t* from) {
    return {vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)))};
  }
  static Vector load_bfloat16(const uint16_t* from) {
    return {vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(from), 16))};
  }
  void store_bfloat16(uint16_t* to) const {  // to nearest, ties to even; not a number stays one
    const uint32x4_t bits = vreinterpretq_u32_f32(v);
    const uint32x4_t odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    const uint32x4_t rounded = vaddq_u32(vaddq_u32(bits, vdupq_n_u32(0x7fff)), odd);
    const uint32x4_t quiet = vorrq_u32(bits, vdupq_n_u32(0x400000));
    vst1_u16(to, vshrn_n_u32(vbslq_u32(vceqq_f32(v, v), rounded, quiet), 16));
  }
  // From four pairs of bfloat16, the first or the second of each.
  static Vector even_bfloat16(const uint16_t* pairs) {
    return {vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_u16(vld1q_u16(pairs)), 16))};
  }
  static Vector odd_bfloat16(const uint16_t* pairs) {
    const uint32x4_t both = vreinterpretq_u32_u16(vld1q_u16(pairs));
    return {vreinterpretq_f32_u32(vandq_u32(both, vdupq_n_u32(0xffff0000)))};
  }

  // `bytes` bytes from `ahead` bytes after p.
  static void prefetch(const void* p, int ahead, int bytes) {
    for (int i = 0; i < bytes; i += 64) __builtin_prefetch(static_cast<const char*>(p) + ahead + i);
  }
};

}  // namespace millrace::kernels::neon
