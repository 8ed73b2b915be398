#include "models/layers/gated_convolution.h"

#include "base/error.h"
#include "models/layers/batch_norm.h"

namespace millrace {
namespace {

constexpr float kBatchNormEpsilon = 1e-5f;

int64_t channels_in(const WeightScope& scope) {
  const Shape shape = scope.shape("weight");
  if (shape.size() != 3 || shape[0] < 2 || shape[0] % 2 != 0)
    fail_at(ErrorKind::model, scope.place("weight"), "has shape {}, but [2 n, width, 1] was expected",
            to_string(shape));
  return shape[0] / 2;
}

TemporalConvolution pointwise(const WeightScope& scope, int64_t outputs, int64_t inputs) {
  TemporalConvolution layer(scope, outputs, inputs, /*stride=*/1);
  if (layer.padding() != 0)
    fail_at(ErrorKind::model, scope.place("weight"), "has shape {}, but filters of one row were expected",
            to_string(scope.shape("weight")));
  return layer;
}

}  // namespace

GatedConvolution::GatedConvolution(const WeightScope& scope, int64_t width, const NormOptions& norm)
    : norm_(scope.at("norm"), width, norm),
      channels_(channels_in(scope.at("up"))),
      up_(pointwise(scope.at("up"), 2 * channels_, width)),
      down_(pointwise(scope.at("down"), width, channels_)) {
  add_filter(scope.at("filter"), scope.at("batch_norm"));
}

void GatedConvolution::add_filter(const WeightScope& scope, const WeightScope& batch_norm) {
  const Tensor stored = scope.get_any("weight", 3).to_float32();
  if (stored.dim(0) != channels_ || stored.dim(1) != 1 || stored.dim(2) < 1)
    fail_at(ErrorKind::model, scope.place("weight"), "has shape {}, but [{}, 1, kernel] was expected",
            to_string(stored.shape()), channels_);
  kernel_ = stored.dim(2);
  Tensor weight = Tensor::from<float>(stored.shape(), stored.values<float>());
  if (scope.has("bias")) {
    const Tensor bias = scope.get_float("bias", {channels_});
    bias_.assign(bias.values<float>().begin(), bias.values<float>().end());
  }
  BatchNorm(batch_norm, channels_, kBatchNormEpsilon).fold_into(weight, bias_);
  filters_ = Tensor(DType::float32, {kernel_, channels_});
  for (int64_t channel = 0; channel < channels_; ++channel)
    for (int64_t i = 0; i < kernel_; ++i)
      filters_.mutable_data<float>()[i * channels_ + channel] = weight.data<float>()[channel * kernel_ + i];
}

// As many rows before each as behind it, or one more before.
void GatedConvolution::filter(const Rows& x, const Rows& y) const {
  kernels::depthwise_convolution({.x = x.data,
                                  .height = x.count,
                                  .width = 1,
                                  .channels = channels_,
                                  .weights = filters_.data<float>(),
                                  .bias = bias_.data(),
                                  .kernel_height = kernel_,
                                  .kernel_width = 1,
                                  .top = kernel_ / 2,
                                  .activation = kernels::Activation::silu,
                                  .y = y.data,
                                  .out_height = y.count,
                                  .out_width = 1});
}

void GatedConvolution::forward(const Rows& x, int64_t length, const Rows& out, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Rows normed = workspace.rows(x.count, x.width);
  const Rows wide = workspace.rows(x.count, 2 * channels_);
  const Rows gated = workspace.rows(x.count, channels_), filtered = workspace.rows(x.count, channels_);
  norm_.forward(x, normed);
  up_.forward(normed, wide, {});
  kernels::gate({.activation = kernels::Activation::sigmoid,
                 .gate = wide.columns(channels_, channels_).data,
                 .x = wide.data,
                 .y = gated.data,
                 .rows = x.count,
                 .width = channels_,
                 .stride = wide.stride,
                 .y_stride = gated.stride});
  for (int64_t first = 0; first < x.count; first += length)
    filter(gated.slice(first, length), filtered.slice(first, length));
  down_.forward(filtered, out, {.residual = out.data});
}

}  // namespace millrace
