#include "models/layers/convolutional_block.h"

#include "base/error.h"
#include "models/layers/batch_norm.h"

namespace millrace {
namespace {

constexpr int64_t kMostConvolutions = 4;

bool is_wide(const WeightScope& scope) {
  const Shape shape = scope.shape("weight");
  return shape.size() == 4 && (shape[2] > 1 || shape[3] > 1);
}

}  // namespace

Convolution normed_convolution(const WeightScope& scope, const WeightScope& norm, ConvolutionOptions options,
                               float epsilon) {
  if (BatchNorm::in(norm)) options.batch_norm_epsilon = epsilon;
  return Convolution(scope, norm, options);
}

ConvolutionalBlock::ConvolutionalBlock(const WeightScope& scope, const ConvolutionalBlockOptions& options)
    : options_(options) {
  add_convolutions(scope);
  if (SqueezeExcite::in(scope.at("squeeze_excite")))
    squeeze_excite_.emplace(scope.at("squeeze_excite"), convolutions_[convolutions_.size() - 2].outputs(),
                            options.squeeze_activation);
  if (scope.has("shortcut.weight"))
    shortcut_ =
        normed_convolution(scope.at("shortcut"), scope.at("shortcut_norm"),
                           {.inputs = options.inputs, .stride = options.stride}, options.batch_norm_epsilon);
}

void ConvolutionalBlock::add_convolutions(const WeightScope& scope) {
  std::vector<int64_t> present;
  for (int64_t i = 0; i < kMostConvolutions; ++i)
    if (scope.at("convolutions", i).has("weight")) present.push_back(i);
  if (present.size() < 2)
    fail_at(ErrorKind::model, scope.place("convolutions.1.weight"),
            "a block of at least two convolutions was expected");
  int64_t inputs = options_.inputs;
  bool strided = false, widened = false;
  for (const int64_t i : present) {
    const auto own = scope.at("convolutions", i);
    const bool wide = is_wide(own);
    const bool takes_stride = !strided && (options_.stride_first || wide);
    strided |= takes_stride;
    ConvolutionOptions convolution{.inputs = inputs,
                                   .stride = takes_stride ? options_.stride : 1,
                                   .dilation = !wide     ? 1
                                               : widened ? options_.later_dilation
                                                         : options_.dilation};
    widened |= wide;
    if (wide) convolution.padding.kind = options_.padding;
    // One less on two sides only where the size is halved.
    if (convolution.padding.kind == ConvolutionPadding::Kind::late && convolution.stride == 1)
      convolution.padding.kind = ConvolutionPadding::Kind::half;
    if (i != present.back()) convolution.activation = options_.activation;
    convolutions_.push_back(
        normed_convolution(own, scope.at("norms", i), convolution, options_.batch_norm_epsilon));
    inputs = convolutions_.back().outputs();
  }
}

// The convolutions up to the squeeze or, without one, all, where they are of the kind.
std::optional<SeparableConvolution> ConvolutionalBlock::separable() const {
  const size_t count = convolutions_.size();
  const auto& filter = convolutions_[count - 2];
  if (count > 3 || !filter.depthwise() || !convolutions_.back().pointwise()) return std::nullopt;
  if (count == 3 && !convolutions_.front().pointwise()) return std::nullopt;
  return SeparableConvolution{.expand = count == 3 ? &convolutions_.front() : nullptr,
                              .filter = &filter,
                              .project = squeeze_excite_ ? nullptr : &convolutions_.back()};
}

void ConvolutionalBlock::run_convolutions(const FeatureMap& x, const FeatureMap& result,
                                          const float* residual, Workspace& workspace) const {
  FeatureMap inner = x;
  if (const auto layers = separable(); layers && layers->suits(x)) {
    if (!squeeze_excite_) return layers->forward(x, result, residual, workspace);
    inner = make_feature_map(workspace, x.images, result.height, result.width, layers->filter->outputs());
    layers->forward(x, inner, nullptr, workspace);
  } else {
    for (size_t i = 0; i + 1 < convolutions_.size(); ++i) inner = convolutions_[i].forward(inner, workspace);
  }
  if (squeeze_excite_) squeeze_excite_->forward(inner, workspace);
  convolutions_.back().forward(inner, result, residual, workspace);
}

FeatureMap ConvolutionalBlock::forward(const FeatureMap& x, Workspace& workspace) const {
  int64_t height = x.height, width = x.width;
  for (const auto& convolution : convolutions_) {
    height = convolution.output_height(height);
    width = convolution.output_width(width);
  }
  if (height < 1 || width < 1)
    fail(ErrorKind::input, "pictures of this size are too small for this model: {} x {} is left of one",
         x.height, x.width);
  const auto result = make_feature_map(workspace, x.images, height, width, outputs());
  const Workspace::Frame frame(workspace);
  const bool same =
      options_.stride == 1 && height == x.height && width == x.width && outputs() == x.channels();
  const float* residual = nullptr;
  if (shortcut_) {
    const auto around = shortcut_->forward(x, workspace);
    if (around.rows.count != result.rows.count || around.channels() != outputs())
      fail(ErrorKind::input, "the way around a block gives {} x {} and the block {} x {}", around.height,
           around.width, height, width);
    residual = around.rows.data;
  } else if (options_.residual && same) {
    residual = x.rows.data;
  }
  run_convolutions(x, result, residual, workspace);
  if (options_.sum_activation)
    kernels::activate(*options_.sum_activation, result.rows.data, result.rows.count * result.rows.width);
  return result;
}

}  // namespace millrace
