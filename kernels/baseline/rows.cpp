#include <algorithm>
#include <cmath>
#include <limits>

#include "base/tensor.h"
#include "kernels/baseline/baseline.h"
#include "kernels/float16.h"

namespace millrace::kernels::baseline {

float activate_one(Activation activation, float x) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return std::max(x, 0.f);
    case Activation::gelu:
      return 0.5f * x * std::erfc(x * -0.70710678f);
    case Activation::gelu_tanh:
      return x / (1 + std::exp(-1.59576912f * (x + 0.044715f * x * x * x)));
    case Activation::silu:
      return x / (1 + std::exp(-x));
    case Activation::quick_gelu:
      return x / (1 + std::exp(-1.702f * x));
    case Activation::relu6:
      return std::clamp(x, 0.f, 6.f);
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

void activate(Activation activation, float* x, int64_t count) {
  for (int64_t i = 0; i < count; ++i) x[i] = activate_one(activation, x[i]);
}

void finish(const FinishArgs& args) {
  for (int r = 0; r < args.rows; ++r) {
    const float* sums = args.sums + static_cast<size_t>(r) * args.sums_stride;
    const size_t row = static_cast<size_t>(r) * args.c_stride;
    for (int64_t i = 0; i < args.columns; ++i) {
      const float sum =
          activate_one(args.activation, args.bias != nullptr ? sums[i] + args.bias[i] : sums[i]);
      args.c[row + static_cast<size_t>(i)] =
          args.residual != nullptr ? sum + args.residual[row + static_cast<size_t>(i)] : sum;
    }
  }
}

void layer_norm(const float* x, int64_t width, const float* gain, const float* bias, float epsilon,
                float* y) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < width; ++i) sum += x[i];
  const double mean = sum / static_cast<double>(width);
  for (int64_t i = 0; i < width; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const auto inverse = static_cast<float>(1 / std::sqrt(squares / static_cast<double>(width) + epsilon));
  for (int64_t i = 0; i < width; ++i) {
    const float normal = (x[i] - static_cast<float>(mean)) * inverse * gain[i];
    y[i] = bias != nullptr ? normal + bias[i] : normal;
  }
}

void rms_norm(const float* x, int64_t width, const float* gain, float epsilon, float* y) {
  double squares = 0;
  for (int64_t i = 0; i < width; ++i) squares += static_cast<double>(x[i]) * x[i];
  const auto inverse = static_cast<float>(1 / std::sqrt(squares / static_cast<double>(width) + epsilon));
  for (int64_t i = 0; i < width; ++i) y[i] = x[i] * inverse * gain[i];
}

void softmax(float* x, int64_t width) {
  float top = -std::numeric_limits<float>::infinity();
  for (int64_t i = 0; i < width; ++i) top = std::max(top, x[i]);
  if (top == -std::numeric_limits<float>::infinity()) {
    std::fill_n(x, width, 0.f);
    return;
  }
  double sum = 0;
  for (int64_t i = 0; i < width; ++i) sum += x[i] = std::exp(x[i] - top);
  const auto inverse = static_cast<float>(1 / sum);
  for (int64_t i = 0; i < width; ++i) x[i] *= inverse;
}

void log_softmax(const float* x, int64_t width, float* y) {
  float top = -std::numeric_limits<float>::infinity();
  for (int64_t i = 0; i < width; ++i) top = std::max(top, x[i]);
  if (top == -std::numeric_limits<float>::infinity()) {
    std::fill_n(y, width, top);
    return;
  }
  double sum = 0;
  for (int64_t i = 0; i < width; ++i) sum += std::exp(x[i] - top);
  const auto log_sum = static_cast<float>(std::log(sum));
  for (int64_t i = 0; i < width; ++i) y[i] = x[i] - top - log_sum;
}

void add(const float* x, int64_t count, float* y) {
  for (int64_t i = 0; i < count; ++i) y[i] += x[i];
}

void interleave(const float* const* rows, int columns, int64_t count, float* out) {
  for (int64_t k = 0; k < count; ++k) {
    for (int c = 0; c < columns; ++c) out[k * columns + c] = rows[c][k];
  }
}

void float16_to_float(const uint16_t* from, int64_t count, float* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = millrace::float16_to_float(from[i]);
}
void bfloat16_to_float(const uint16_t* from, int64_t count, float* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = widen(from[i]);
}
void float_to_bfloat16(const float* from, int64_t count, uint16_t* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = narrow(from[i]);
}

}  // namespace millrace::kernels::baseline
