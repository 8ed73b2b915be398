#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "base/tensor.h"

namespace millrace {

// A view of `count` rows of `width` floats, `stride` floats apart: the states of tokens or frames on their
// way through a model.
struct Rows {
  float* data = nullptr;
  int64_t count = 0, width = 0;
  size_t stride = 0;

  float* row(int64_t i) const { return data + static_cast<size_t>(i) * stride; }
  Rows slice(int64_t first, int64_t some) const {
    assert(first >= 0 && first + some <= count);
    return {row(first), some, width, stride};
  }
  Rows columns(int64_t first, int64_t some) const {
    assert(first >= 0 && first + some <= width);
    return {data + first, count, some, stride};
  }
  bool dense() const { return stride == static_cast<size_t>(width); }
};

// All of a float32 tensor [..., width].
inline Rows rows_of(Tensor& tensor) {
  const int64_t width = tensor.shape().back();
  return {tensor.mutable_data<float>(), tensor.count() / width, width, static_cast<size_t>(width)};
}

}  // namespace millrace
