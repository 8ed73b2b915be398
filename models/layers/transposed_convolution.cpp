#include "models/layers/transposed_convolution.h"

#include <algorithm>

#include "base/error.h"
#include "models/layers/batch_norm.h"

namespace millrace {
namespace {

// [inputs, outputs, places] to [places, outputs, inputs].
Tensor by_place(const Tensor& weight) {
  const int64_t inputs = weight.dim(0), outputs = weight.dim(1), places = weight.dim(2) * weight.dim(3);
  Tensor result(DType::float32, {places * outputs, inputs});
  const float* from = weight.data<float>();
  float* to = result.mutable_data<float>();
  for (int64_t i = 0; i < inputs; ++i)
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t p = 0; p < places; ++p) to[(p * outputs + o) * inputs + i] = *from++;
  return result;
}

}  // namespace

TransposedConvolution::TransposedConvolution(const WeightScope& scope, const WeightScope& norm,
                                             const TransposedConvolutionOptions& options)
    : activation_(options.activation) {
  const Tensor stored = scope.get_any("weight", 4).to_float32();
  if (stored.empty() || stored.dim(0) != options.inputs || stored.dim(2) != stored.dim(3) ||
      (options.factor != 0 && stored.dim(2) != options.factor))
    fail_at(ErrorKind::model, scope.place("weight"), "has shape {}, but [{}, n, {}] was expected",
            to_string(stored.shape()), options.inputs,
            options.factor == 0 ? "m, m" : fmt::format("{0}, {0}", options.factor));
  outputs_ = stored.dim(1), factor_ = stored.dim(2);
  Tensor rows = by_place(stored);
  if (scope.has("bias")) {
    const Tensor bias = scope.get_float("bias", {outputs_});
    for (int64_t place = 0; place < factor_ * factor_; ++place)
      bias_.insert(bias_.end(), bias.values<float>().begin(), bias.values<float>().end());
  }
  if (BatchNorm::in(norm)) BatchNorm(norm, outputs_, options.batch_norm_epsilon).fold_into(rows, bias_);
  weight_ = kernels::pack_matrix(rows, scope.type());
}

FeatureMap TransposedConvolution::forward(const FeatureMap& x, Workspace& workspace) const {
  auto y = make_feature_map(workspace, x.images, x.height * factor_, x.width * factor_, outputs_);
  const Workspace::Frame frame(workspace);
  const Rows squares = workspace.rows(x.rows.count, factor_ * factor_ * outputs_);
  kernels::matmul(weight_, {.a = x.rows.data,
                            .a_stride = x.rows.stride,
                            .rows = x.rows.count,
                            .bias = bias_.empty() ? nullptr : bias_.data(),
                            .activation = activation_,
                            .c = squares.data,
                            .c_stride = squares.stride});
  const int64_t line = factor_ * outputs_;  // of a square: neighbours in a line of y
  for (int64_t pixel = 0; pixel < x.rows.count; ++pixel) {
    const int64_t column = pixel % x.width, above = pixel / x.width * factor_;
    for (int64_t i = 0; i < factor_; ++i)
      std::copy_n(squares.row(pixel) + i * line, line,
                  y.rows.data + (above + i) * y.width * outputs_ + column * line);
  }
  return y;
}

}  // namespace millrace
