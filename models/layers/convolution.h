#pragma once
#include <optional>
#include <vector>

#include "models/layers/feature_map.h"
#include "models/settings.h"
#include "models/weights.h"

namespace millrace {

// Zeros around a picture: as many as said or, with `same`, as TensorFlow's "same" needs for the picture's
// size, where an odd one goes below and to the right.
struct ConvolutionPadding {
  int64_t top = 0, left = 0, bottom = 0, right = 0;
  bool same = false;

  static ConvolutionPadding all(int64_t zeros) { return {zeros, zeros, zeros, zeros, false}; }
};

struct ConvolutionOptions {
  int64_t outputs = 0, inputs = 0;
  int64_t groups = 1;
  int64_t stride = 1, dilation = 1;
  ConvolutionPadding padding = {};
  kernels::Activation activation = kernels::Activation::none;
  // A batch normalisation behind it, which is folded into the weights; its epsilon.
  std::optional<float> batch_norm_epsilon = std::nullopt;
};

// A two-dimensional convolution: `weight` [outputs, inputs / groups, height, width] and `bias` where the
// checkpoint has one. Batch normalisation (Ioffe and Szegedy, 2015) has `weight`, `bias`, `running_mean` and
// `running_var` in the scope `norm`. As one product over patches, or over the pixels themselves where the
// filter covers one.
class Convolution {
 public:
  Convolution(const WeightScope& scope, const ConvolutionOptions& options);
  Convolution(const WeightScope& scope, const WeightScope& norm, const ConvolutionOptions& options);

  int64_t outputs() const { return options_.outputs; }
  int64_t output_height(int64_t height) const;
  int64_t output_width(int64_t width) const;

  // A map of the workspace. A picture smaller than the filter needs is Error(input).
  FeatureMap forward(const FeatureMap& x, Workspace& workspace) const;
  // y + residual, which is of y's size and may be y.
  void forward(const FeatureMap& x, const FeatureMap& y, const float* residual, Workspace& workspace) const;

 private:
  bool depthwise() const {
    return options_.groups > 1 && options_.groups == options_.inputs && options_.groups == options_.outputs;
  }
  bool pointwise() const;
  ConvolutionPadding padding(int64_t height, int64_t width) const;
  void convolve_channels(const FeatureMap& x, FeatureMap y, const float* residual) const;
  void convolve_patches(const FeatureMap& x, FeatureMap y, const float* residual, Workspace& workspace) const;

  ConvolutionOptions options_;
  int64_t kernel_height_ = 0, kernel_width_ = 0;
  std::vector<kernels::PackedMatrix> weights_;  // of each group
  std::vector<float> channel_weights_;          // depthwise: [height, width, channels]
  std::vector<float> bias_;
};

}  // namespace millrace
