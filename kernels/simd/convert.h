#pragma once
#include <cstdint>

namespace millrace::kernels::simd {

// to[i] = one(from[i]); the last values pass through a buffer of a whole vector.
template <class V, class From, class To, class Convert>
inline void convert_all(const From* from, int64_t count, To* to, const Convert& convert) {
  int64_t i = 0;
  for (; i + V::kLanes <= count; i += V::kLanes) convert(from + i, to + i);
  if (i < count) {
    From in[V::kLanes] = {};
    To out[V::kLanes];
    for (int64_t j = i; j < count; ++j) in[j - i] = from[j];
    convert(in, out);
    for (int64_t j = i; j < count; ++j) to[j] = out[j - i];
  }
}

template <class V>
void float16_to_float(const uint16_t* from, int64_t count, float* to) {
  convert_all<V>(from, count, to, [](const uint16_t* in, float* out) { V::load_float16(in).store(out); });
}
template <class V>
void bfloat16_to_float(const uint16_t* from, int64_t count, float* to) {
  convert_all<V>(from, count, to, [](const uint16_t* in, float* out) { V::load_bfloat16(in).store(out); });
}
template <class V>
void float_to_bfloat16(const float* from, int64_t count, uint16_t* to) {
  convert_all<V>(from, count, to, [](const float* in, uint16_t* out) { V::load(in).store_bfloat16(out); });
}

}  // namespace millrace::kernels::simd
