#pragma once
#include "kernels/types.h"

// Elementary functions over a vector type V of floats (see avx2/vector.h for what V offers). Everything in
// this folder is a template over V, and every instruction set has a V of its own, so nothing here can be
// merged across them.
namespace millrace::kernels::simd {

// Below the smallest normal number's logarithm e^x is taken as 0, so that exp(-infinity) is exactly 0.
inline constexpr float kLowestExponent = -87.336540f;

// e^x for `clamped` = max(x, kLowestExponent), before its power of two: e^x = p 2^n.
template <class V>
inline V exp_mantissa(V clamped, V& n) {
  n = V::round(clamped * V::broadcast(1.44269504f));
  V r = V::fnma(n, V::broadcast(0.693359375f), clamped);  // ln 2 in two parts, the first exact in few bits
  r = V::fnma(n, V::broadcast(-2.12194440e-4f), r);
  // Cephes' expf: e^r = 1 + r + r^2 p(r) on [-ln 2 / 2, ln 2 / 2].
  V p = V::broadcast(1.9875691500e-4f);
  p = V::fma(p, r, V::broadcast(1.3981999507e-3f));
  p = V::fma(p, r, V::broadcast(8.3334519073e-3f));
  p = V::fma(p, r, V::broadcast(4.1665795894e-2f));
  p = V::fma(p, r, V::broadcast(1.6666665459e-1f));
  p = V::fma(p, r, V::broadcast(5.0000001201e-1f));
  return V::fma(p, r * r, r + V::broadcast(1));
}

// e^x to about 1 ulp.
template <class V>
inline V exp(V x) {
  const V lowest = V::broadcast(kLowestExponent), highest = V::broadcast(88.722830f);
  V n;
  const V p = exp_mantissa(V::min(highest, V::max(lowest, x)), n);
  return V::zero_where_less(x, lowest, V::scale(p, n));
}

// The same for x <= 0, where one multiplication makes the power of two.
template <class V>
inline V exp_of_negative(V x) {
  const V lowest = V::broadcast(kLowestExponent);
  V n;
  const V p = exp_mantissa(V::max(lowest, x), n);
  return V::zero_where_less(x, lowest, V::scale_down(p, n));
}

// x / (1 + e^-t), with the exponent held to where one multiplication makes its power of two: above, e^-t is
// lost beside the 1 anyway, and below, the result is taken as 0.
template <class V>
inline V times_sigmoid(V x, V t) {
  const V lowest = V::broadcast(kLowestExponent), highest = V::broadcast(-kLowestExponent);
  V n;
  const V p = exp_mantissa(V::min(highest, V::max(lowest, V::broadcast(0) - t)), n);
  return V::zero_where_less(t, lowest, x / (V::broadcast(1) + V::scale_down(p, n)));
}

// x Φ(x), with Φ - 1/2 as an odd rational function (minimax on [0, 5.5], 7e-9 before rounding): as exact as
// 0.5 x (1 + erf(x / √2)) in float32, which also rounds Φ as a number near 1.
template <class V>
inline V gelu(V x) {
  const V edge = V::broadcast(5.5f);
  const V c = V::min(edge, V::max(V::broadcast(-5.5f), x)), u = c * c;
  V p = V::broadcast(2.2749182094e-08f);
  p = V::fma(p, u, V::broadcast(6.3520919866e-06f));
  p = V::fma(p, u, V::broadcast(1.6882617010e-04f));
  p = V::fma(p, u, V::broadcast(4.6772644855e-03f));
  p = V::fma(p, u, V::broadcast(3.3852726221e-02f));
  p = V::fma(p, u, V::broadcast(3.9894223213e-01f));
  V q = V::broadcast(1.1974965446e-06f);
  q = V::fma(q, u, V::broadcast(7.3647490353e-05f));
  q = V::fma(q, u, V::broadcast(1.8844484584e-03f));
  q = V::fma(q, u, V::broadcast(2.8645914048e-02f));
  q = V::fma(q, u, V::broadcast(2.5152212381e-01f));
  q = V::fma(q, u, V::broadcast(1));
  const V phi = V::fma(c, p / q, V::broadcast(0.5f));
  return x * V::min(V::broadcast(1), V::max(V::broadcast(0), phi));
}

template <Activation kind, class V>
inline V activated(V x) {
  if constexpr (kind == Activation::relu) return V::max(V::broadcast(0), x);
  if constexpr (kind == Activation::gelu) return gelu(x);
  if constexpr (kind == Activation::gelu_tanh) {  // (1 + tanh(t)) / 2 = 1 / (1 + e^-2t)
    const V inner = V::fma(x * x, V::broadcast(1.59576912f * 0.044715f), V::broadcast(1.59576912f));
    return times_sigmoid(x, x * inner);
  }
  if constexpr (kind == Activation::silu) return times_sigmoid(x, x);
  if constexpr (kind == Activation::relu6) return V::min(V::broadcast(6), V::max(V::broadcast(0), x));
  if constexpr (kind == Activation::sigmoid) return times_sigmoid(V::broadcast(1), x);
  if constexpr (kind == Activation::quick_gelu) return times_sigmoid(x, x * V::broadcast(1.702f));
  return x;
}

}  // namespace millrace::kernels::simd
