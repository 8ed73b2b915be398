#include "models/layers/linear.h"

#include <algorithm>
#include <cstring>

namespace millrace {
namespace {

Tensor stacked_weights(std::span<const Linear::Part> parts, int64_t inputs, int64_t outputs) {
  Tensor result(DType::float32, {outputs, inputs});
  float* to = result.mutable_data<float>();
  for (const auto& part : parts) {
    const Tensor weight = part.scope.get_float("weight", {part.outputs, inputs});
    to = std::ranges::copy(weight.values<float>(), to).out;
  }
  return result;
}

// Row i is row order[i] of `rows`.
Tensor reordered(const Tensor& rows, std::span<const int64_t> order) {
  Tensor result(DType::float32, rows.shape());
  const int64_t width = rows.count() / rows.dim(0);
  float* to = result.mutable_data<float>();
  for (const int64_t row : order) to = std::copy_n(rows.data<float>() + row * width, width, to);
  return result;
}

// Parts without bias have one of zeros beside those that have one.
Tensor stacked_bias(std::span<const Linear::Part> parts, int64_t outputs) {
  if (std::ranges::none_of(parts, [](const auto& part) { return part.scope.has("bias"); })) return {};
  Tensor result(DType::float32, {outputs});
  float* to = result.mutable_data<float>();
  for (const auto& part : parts) {
    if (part.scope.has("bias"))
      std::ranges::copy(part.scope.get_float("bias", {part.outputs}).template values<float>(), to);
    to += part.outputs;
  }
  return result;
}

}  // namespace

Linear::Linear(const WeightScope& scope, int64_t outputs, int64_t inputs)
    : Linear(scope, outputs, inputs, scope) {}

Linear::Linear(const WeightScope& scope, int64_t outputs, int64_t inputs, const WeightScope& bias)
    : weight_(kernels::pack_matrix(scope.get("weight", {outputs, inputs}), scope.type())) {
  if (bias.has("bias")) bias_ = bias.get_float("bias", {outputs});
}

Linear::Linear(const WeightScope& scope, int64_t inputs, std::span<const int64_t> order) {
  const auto outputs = static_cast<int64_t>(order.size());
  weight_ =
      kernels::pack_matrix(reordered(scope.get_float("weight", {outputs, inputs}), order), scope.type());
  if (scope.has("bias")) bias_ = reordered(scope.get_float("bias", {outputs}), order);
}

Linear::Linear(std::span<const Part> parts, int64_t inputs) {
  int64_t outputs = 0;
  for (const auto& part : parts) outputs += part.outputs;
  weight_ = kernels::pack_matrix(stacked_weights(parts, inputs, outputs), parts.front().scope.type());
  bias_ = stacked_bias(parts, outputs);
}

void Linear::forward(const Rows& x, const Rows& y, const Epilogue& epilogue) const {
  kernels::matmul(weight_, {.a = x.data,
                            .a_stride = x.stride,
                            .rows = x.count,
                            .bias = bias_.empty() ? nullptr : bias_.data<float>(),
                            .activation = epilogue.activation,
                            .residual = epilogue.residual,
                            .c = y.data,
                            .c_stride = y.stride});
}

}  // namespace millrace
