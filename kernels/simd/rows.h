#pragma once
#include "kernels/kernel_table.h"
#include "kernels/simd/math.h"

// Whole rows: normalisation and softmax.
namespace millrace::kernels::simd {

// body(vector, index, lanes) over a row; the last vector may have fewer lanes, the missing ones holding
// `filler`.
template <class V, class Body>
inline void for_each_vector(const float* x, int64_t width, V filler, const Body& body) {
  int64_t i = 0;
  for (; i + V::kLanes <= width; i += V::kLanes) body(V::load(x + i), i, V::kLanes);
  if (const int rest = static_cast<int>(width - i); rest > 0) {
    body(V::first_or(V::load_first(x + i, rest), rest, filler), i, rest);
  }
}

template <class V>
inline void store(V x, float* to, int lanes) {
  if (lanes == V::kLanes) {
    x.store(to);
  } else {
    x.store_first(to, lanes);
  }
}
template <class V>
inline V load(const float* from, int lanes) {
  return lanes == V::kLanes ? V::load(from) : V::load_first(from, lanes);
}

template <class V>
void layer_norm(const float* x, int64_t width, const float* gain, const float* bias, float epsilon,
                float* y) {
  const V zero = V::broadcast(0);
  V sum = zero, squares = zero;
  for_each_vector(x, width, zero, [&](V v, int64_t, int) { sum = sum + v; });
  const V mean = V::broadcast(sum.sum() / static_cast<float>(width));
  for_each_vector(x, width, mean, [&](V v, int64_t, int) {
    const V d = v - mean;
    squares = V::fma(d, d, squares);
  });
  const V variance = V::broadcast(squares.sum() / static_cast<float>(width) + epsilon);
  const V inverse = V::broadcast(1) / V::sqrt(variance);
  for_each_vector(x, width, zero, [&](V v, int64_t i, int lanes) {
    V normal = (v - mean) * inverse * load<V>(gain + i, lanes);
    if (bias != nullptr) normal = normal + load<V>(bias + i, lanes);
    store(normal, y + i, lanes);
  });
}

template <class V>
void rms_norm(const float* x, int64_t width, const float* gain, float epsilon, float* y) {
  const V zero = V::broadcast(0);
  V squares = zero;
  for_each_vector(x, width, zero, [&](V v, int64_t, int) { squares = V::fma(v, v, squares); });
  const V mean = V::broadcast(squares.sum() / static_cast<float>(width) + epsilon);
  const V inverse = V::broadcast(1) / V::sqrt(mean);
  for_each_vector(x, width, zero, [&](V v, int64_t i, int lanes) {
    store(v * inverse * load<V>(gain + i, lanes), y + i, lanes);
  });
}

template <class V>
inline V minus_infinity() {
  return V::broadcast(-__builtin_huge_valf());
}

template <class V>
inline float largest(const float* x, int64_t width) {
  V top = minus_infinity<V>();
  for_each_vector(x, width, top, [&](V v, int64_t, int) { top = V::max(top, v); });
  return top.largest();
}

// y = e^(x - top), and the sum of it. Summed in stretches: over a whole vocabulary the few lanes of NEON
// would round too often.
template <class V>
inline float exp_and_sum(const float* x, int64_t width, float top, float* y) {
  const V shift = V::broadcast(top);
  constexpr int64_t kStretch = 1024;
  V sum = V::broadcast(0), part = sum;
  for_each_vector(x, width, minus_infinity<V>(), [&](V v, int64_t i, int lanes) {
    const V e = exp_of_negative(v - shift);
    if (i % kStretch == 0) {
      sum = sum + part;
      part = V::broadcast(0);
    }
    part = part + e;
    if (y != nullptr) store(e, y + i, lanes);
  });
  return (sum + part).sum();
}

template <class V>
void softmax(float* x, int64_t width) {
  const float top = largest<V>(x, width);
  if (top == -__builtin_huge_valf()) {
    for (int64_t i = 0; i < width; ++i) x[i] = 0;
    return;
  }
  const V inverse = V::broadcast(1 / exp_and_sum<V>(x, width, top, x));
  for_each_vector(x, width, inverse, [&](V v, int64_t i, int lanes) { store(v * inverse, x + i, lanes); });
}

template <class V>
void log_softmax(const float* x, int64_t width, float* y) {
  const float top = largest<V>(x, width);
  float shift = 0;  // a row of -infinity stays one
  if (top != -__builtin_huge_valf()) shift = __builtin_logf(exp_and_sum<V>(x, width, top, nullptr));
  const V a = V::broadcast(top == -__builtin_huge_valf() ? 0 : top), b = V::broadcast(shift);
  for_each_vector(x, width, a, [&](V v, int64_t i, int lanes) { store(v - a - b, y + i, lanes); });
}

template <class V>
void add(const float* x, int64_t count, float* y) {
  for_each_vector(x, count, V::broadcast(0),
                  [&](V v, int64_t i, int lanes) { store(v + load<V>(y + i, lanes), y + i, lanes); });
}

// Scores to probabilities: softmax(scores * scale + mask) over the first `visible`, zeros up to `width`.
template <class V>
void attention_softmax(float* scores, int64_t visible, int64_t width, float scale, const float* mask) {
  const V factor = V::broadcast(scale);
  V top = minus_infinity<V>();
  for_each_vector(scores, visible, V::broadcast(0), [&](V v, int64_t i, int lanes) {
    V scaled = v * factor;
    if (mask != nullptr) scaled = scaled + load<V>(mask + i, lanes);
    store(scaled, scores + i, lanes);
    top = V::max(top, V::first_or(scaled, lanes, minus_infinity<V>()));
  });
  const float highest = top.largest();
  for (int64_t i = visible; i < width; ++i) scores[i] = 0;
  if (highest == -__builtin_huge_valf()) {
    for (int64_t i = 0; i < visible; ++i) scores[i] = 0;
    return;
  }
  const V inverse = V::broadcast(1 / exp_and_sum<V>(scores, visible, highest, scores));
  for_each_vector(scores, visible, inverse,
                  [&](V v, int64_t i, int lanes) { store(v * inverse, scores + i, lanes); });
}

}  // namespace millrace::kernels::simd
