#pragma once
#include "kernels/kernel_table.h"
#include "kernels/simd/rows.h"

// Attention of a few queries straight over the rows of a key/value cache, which are read once and in order. T
// is the cache's element: float or uint16_t (bfloat16).
namespace millrace::kernels::simd {

template <class V>
inline V load_kv(const float* from) {
  return V::load(from);
}
template <class V>
inline V load_kv(const uint16_t* from) {
  return V::load_bfloat16(from);
}
template <class V>
inline V load_kv_first(const float* from, int lanes) {
  return V::load_first(from, lanes);
}
template <class V>
inline V load_kv_first(const uint16_t* from, int lanes) {
  uint16_t values[V::kLanes] = {};
  for (int i = 0; i < lanes; ++i) values[i] = from[i];
  return V::load_bfloat16(values);
}

// q · k, lane by lane; a head's last values may not fill a vector.
template <class V, class T>
inline V dot(const float* q, const T* k, int width) {
  V sum = V::broadcast(0);
  int d = 0;
  for (; d + V::kLanes <= width; d += V::kLanes) sum = V::fma(V::load(q + d), load_kv<V>(k + d), sum);
  if (d < width) sum = V::fma(V::load_first(q + d, width - d), load_kv_first<V>(k + d, width - d), sum);
  return sum;
}

template <class V, class T>
void scores_of(const DirectArgs& args) {
  const auto* rows = static_cast<const T*>(args.kv);
  for (int64_t j = 0; j < args.keys; j += V::kLanes) {
    const int count = static_cast<int>(args.keys - j < V::kLanes ? args.keys - j : V::kLanes);
    for (int i = 0; i < args.queries; ++i) {
      const float* q = args.q + static_cast<size_t>(i) * args.q_stride;
      float* to = args.scores + static_cast<size_t>(i) * args.scores_stride + j;
      V sums[V::kLanes];
      if (count == V::kLanes) {
        for (int l = 0; l < V::kLanes; ++l) {
          const T* k = rows + static_cast<size_t>(j + l) * args.kv_stride;
          V::prefetch(k + 4 * V::kLanes * args.kv_stride, 0, args.head_dim * static_cast<int>(sizeof(T)));
          sums[l] = dot<V>(q, k, args.head_dim);
        }
        V::sum_each(sums).store(to);
      } else {
        for (int l = 0; l < count; ++l)
          sums[l] = dot<V>(q, rows + static_cast<size_t>(j + l) * args.kv_stride, args.head_dim);
        for (int l = count; l < V::kLanes; ++l) sums[l] = V::broadcast(0);
        V::sum_each(sums).store_first(to, count);
      }
    }
  }
}

// kVectors vectors of the result stay in registers while `count` rows pass by.
template <class V, int kVectors, class T>
inline void accumulate(const float* p, const T* rows, size_t stride, int64_t count, float* out) {
  V sums[kVectors];
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) sums[v] = V::load(out + v * V::kLanes);
  for (int64_t j = 0; j < count; ++j, rows += stride) {
    const V weight = V::broadcast(p[j]);
    V::prefetch(rows + 16 * stride, 0, kVectors * V::kLanes * static_cast<int>(sizeof(T)));
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sums[v] = V::fma(weight, load_kv<V>(rows + v * V::kLanes), sums[v]);
  }
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) sums[v].store(out + v * V::kLanes);
}

template <class V, class T>
inline void accumulate_first(const float* p, const T* rows, size_t stride, int64_t count, int lanes,
                             float* out) {
  V sum = V::load_first(out, lanes);
  for (int64_t j = 0; j < count; ++j, rows += stride)
    sum = V::fma(V::broadcast(p[j]), load_kv_first<V>(rows, lanes), sum);
  sum.store_first(out, lanes);
}

template <class V, class T>
void weighted_sum_of(const DirectArgs& args) {
  constexpr int64_t kBlock = 128;  // keys that stay in the first-level cache for the next query
  for (int i = 0; i < args.queries; ++i) {
    for (int d = 0; d < args.head_dim; ++d)
      args.out[static_cast<size_t>(i) * args.out_stride + static_cast<size_t>(d)] = 0;
  }
  for (int64_t j = 0; j < args.keys; j += kBlock) {
    const int64_t count = args.keys - j < kBlock ? args.keys - j : kBlock;
    const T* rows = static_cast<const T*>(args.kv) + static_cast<size_t>(j) * args.kv_stride;
    for (int i = 0; i < args.queries; ++i) {
      const float* p = args.scores + static_cast<size_t>(i) * args.scores_stride + j;
      float* out = args.out + static_cast<size_t>(i) * args.out_stride;
      int d = 0;
      for (; d + 8 * V::kLanes <= args.head_dim; d += 8 * V::kLanes) {
        accumulate<V, 8>(p, rows + d, args.kv_stride, count, out + d);
      }
      for (; d + 4 * V::kLanes <= args.head_dim; d += 4 * V::kLanes) {
        accumulate<V, 4>(p, rows + d, args.kv_stride, count, out + d);
      }
      for (; d + V::kLanes <= args.head_dim; d += V::kLanes) {
        accumulate<V, 1>(p, rows + d, args.kv_stride, count, out + d);
      }
      if (d < args.head_dim)
        accumulate_first<V>(p, rows + d, args.kv_stride, count, args.head_dim - d, out + d);
    }
  }
}

template <class V>
void attention_scores(const DirectArgs& args) {
  if (args.bfloat16) {
    scores_of<V, uint16_t>(args);
  } else {
    scores_of<V, float>(args);
  }
}

template <class V>
void attention_weighted_sum(const DirectArgs& args) {
  if (args.bfloat16) {
    weighted_sum_of<V, uint16_t>(args);
  } else {
    weighted_sum_of<V, float>(args);
  }
}

}  // namespace millrace::kernels::simd
