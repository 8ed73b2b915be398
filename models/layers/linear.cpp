#include "models/layers/linear.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"

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
  Shape shape = rows.shape();
  shape[0] = static_cast<int64_t>(order.size());
  Tensor result(DType::float32, shape);
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

kernels::PackedMatrix packed_floats(std::span<const Linear::Part> parts, int64_t inputs, int64_t outputs) {
  const WeightScope& first = parts.front().scope;
  return kernels::pack_matrix(
      parts.size() == 1 ? first.get("weight", {outputs, inputs}) : stacked_weights(parts, inputs, outputs),
      first.type());
}

kernels::PackedMatrix packed_blocks(std::span<const QuantisedTensor> tensors) {
  std::vector<kernels::QuantisedRows> rows;
  for (const auto& tensor : tensors)
    rows.push_back({.type = tensor.type,
                    .outputs = tensor.shape[0],
                    .inputs = tensor.shape[1],
                    .blocks = tensor.blocks});
  return kernels::pack_matrix(rows);
}

}  // namespace

Linear::Linear(const WeightScope& scope, int64_t outputs, int64_t inputs)
    : Linear(scope, outputs, inputs, scope) {}

Linear::Linear(const WeightScope& scope, int64_t outputs, int64_t inputs, const WeightScope& bias)
    : Linear(std::array{Part{scope, outputs}}, inputs) {
  bias_ = bias.has("bias") ? bias.get_float("bias", {outputs}) : Tensor();
}

Linear::Linear(const WeightScope& scope, const Shape& stored, std::span<const int64_t> order) {
  weights_.push_back(kernels::pack_matrix(reordered(scope.get_float("weight", stored), order), scope.type()));
  if (scope.has("bias")) bias_ = reordered(scope.get_float("bias", {stored[0]}), order);
}

Linear::Linear(std::span<const Part> parts, int64_t inputs) {
  int64_t outputs = 0;
  for (size_t first = 0; first < parts.size();) {
    size_t last = first;
    std::vector<QuantisedTensor> blocks;
    for (; last < parts.size(); ++last) {  // as many as can be packed together
      auto quantised = parts[last].scope.quantised("weight", {parts[last].outputs, inputs});
      const bool alike =
          quantised ? !blocks.empty() && blocks.front().type == quantised->type : blocks.empty();
      if (last > first && !alike) break;
      if (quantised) blocks.push_back(std::move(*quantised));
    }
    const auto run = parts.subspan(first, last - first);
    int64_t run_outputs = 0;
    for (const auto& part : run) run_outputs += part.outputs;
    weights_.push_back(blocks.empty() ? packed_floats(run, inputs, run_outputs) : packed_blocks(blocks));
    outputs += run_outputs;
    first = last;
  }
  bias_ = stacked_bias(parts, outputs);
}

Linear Linear::of_filters(const WeightScope& scope, int64_t outputs, int64_t inputs) {
  const Shape shape = scope.shape("weight");
  const Tensor weight = scope.get_any("weight", static_cast<int64_t>(shape.size()));
  if (shape.empty() || shape[0] != outputs || weight.count() != outputs * inputs)
    fail_at(ErrorKind::model, scope.place("weight"),
            "has shape {}, but the model's configuration needs {} filters of {} values", to_string(shape),
            outputs, inputs);
  Linear result;
  result.weights_.push_back(kernels::pack_matrix(weight.reshaped({outputs, inputs}), scope.type()));
  if (scope.has("bias")) result.bias_ = scope.get_float("bias", {outputs});
  return result;
}

int64_t Linear::outputs() const {
  int64_t sum = 0;
  for (const auto& weight : weights_) sum += weight.outputs();
  return sum;
}

void Linear::forward(const Rows& x, const Rows& y, const Epilogue& epilogue) const {
  int64_t first = 0;  // of y's columns
  for (const auto& weight : weights_) {
    kernels::matmul(weight, {.a = x.data,
                             .a_stride = x.stride,
                             .rows = x.count,
                             .bias = bias_.empty() ? nullptr : bias_.data<float>() + first,
                             .activation = epilogue.activation,
                             .residual = epilogue.residual != nullptr ? epilogue.residual + first : nullptr,
                             .c = y.data + first,
                             .c_stride = y.stride});
    first += weight.outputs();
  }
}

}  // namespace millrace
