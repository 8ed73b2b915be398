#pragma once
#include "kernels/kernel_table.h"
#include "kernels/simd/math.h"

namespace millrace::kernels::simd {

template <class V, Activation kind>
void finish_as(const FinishArgs& args) {
  for (int r = 0; r < args.rows; ++r) {
    const float* sums = args.sums + static_cast<size_t>(r) * args.sums_stride;
    float* c = args.c + static_cast<size_t>(r) * args.c_stride;
    const float* residual =
        args.residual != nullptr ? args.residual + static_cast<size_t>(r) * args.c_stride : nullptr;
    int64_t i = 0;
    for (; i + V::kLanes <= args.columns; i += V::kLanes) {
      V x = V::load(sums + i);
      if (args.bias != nullptr) x = x + V::load(args.bias + i);
      x = activated<kind>(x);
      if (residual != nullptr) x = x + V::load(residual + i);
      x.store(c + i);
    }
    if (const int rest = static_cast<int>(args.columns - i); rest > 0) {
      V x = V::load_first(sums + i, rest);
      if (args.bias != nullptr) x = x + V::load_first(args.bias + i, rest);
      x = activated<kind>(x);
      if (residual != nullptr) x = x + V::load_first(residual + i, rest);
      x.store_first(c + i, rest);
    }
  }
}

template <class V>
void finish(const FinishArgs& args) {
  switch (args.activation) {
    case Activation::none:
      return finish_as<V, Activation::none>(args);
    case Activation::relu:
      return finish_as<V, Activation::relu>(args);
    case Activation::gelu:
      return finish_as<V, Activation::gelu>(args);
    case Activation::gelu_tanh:
      return finish_as<V, Activation::gelu_tanh>(args);
    case Activation::silu:
      return finish_as<V, Activation::silu>(args);
    case Activation::quick_gelu:
      return finish_as<V, Activation::quick_gelu>(args);
    case Activation::relu6:
      return finish_as<V, Activation::relu6>(args);
    case Activation::sigmoid:
      return finish_as<V, Activation::sigmoid>(args);
  }
}

template <class V>
void activate(Activation activation, float* x, int64_t count) {
  finish<V>({.sums = x, .rows = 1, .columns = count, .activation = activation, .c = x});
}

}  // namespace millrace::kernels::simd
