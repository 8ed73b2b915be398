#include "models/layers/temporal_convolution.h"

#include "base/error.h"

namespace millrace {
namespace {

// [outputs, inputs, kernel] to [outputs, kernel * inputs]: the order in which frames lie in memory.
Tensor frames_first(const Tensor& weight) {
  const int64_t outputs = weight.dim(0), inputs = weight.dim(1), kernel = weight.dim(2);
  Tensor result(DType::float32, {outputs, kernel * inputs});
  const float* from = weight.data<float>();
  float* to = result.mutable_data<float>();
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t i = 0; i < inputs; ++i)
      for (int64_t k = 0; k < kernel; ++k) to[(o * kernel + k) * inputs + i] = *from++;
  return result;
}

// Sound goes in unnormalised and the product is small: 8 bits of it would cost more than they save.
kernels::WeightType weight_type(kernels::WeightType type) {
  return type == kernels::WeightType::float32 ? type : kernels::WeightType::bfloat16;
}

}  // namespace

TemporalConvolution::TemporalConvolution(const WeightScope& scope, int64_t outputs, int64_t inputs,
                                         int64_t stride)
    : inputs_(inputs), stride_(stride) {
  const Tensor weight = scope.get_any("weight", 3);
  kernel_ = weight.dim(2);
  if (weight.dim(0) != outputs || weight.dim(1) != inputs || kernel_ % 2 == 0)
    fail_at(ErrorKind::model, scope.place("weight"),
            "has shape {}, but the model's configuration needs [{}, {}, odd]", to_string(weight.shape()),
            outputs, inputs);
  weight_ = kernels::pack_matrix(frames_first(weight.to_float32()), weight_type(scope.type()));
  if (scope.has("bias")) bias_ = scope.get_float("bias", {outputs});
}

void TemporalConvolution::forward(const Rows& padded, const Rows& y, const Linear::Epilogue& epilogue) const {
  assert(padded.dense() && padded.width == inputs_ && y.count == output_count(padded.count - 2 * padding()));
  kernels::matmul(weight_, {.a = padded.data,
                            .a_stride = static_cast<size_t>(inputs_ * stride_),
                            .rows = y.count,
                            .bias = bias_.empty() ? nullptr : bias_.data<float>(),
                            .activation = epilogue.activation,
                            .residual = epilogue.residual,
                            .c = y.data,
                            .c_stride = y.stride});
}

}  // namespace millrace
