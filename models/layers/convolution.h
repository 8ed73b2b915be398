#pragma once
#include <optional>
#include <vector>

#include "models/layers/feature_map.h"
#include "models/settings.h"
#include "models/weights.h"

namespace millrace {

// Zeros around a picture.
struct ConvolutionPadding {
  enum class Kind {
    zeros,  // `count` on every side
    half,   // half of the filter's size on every side, so that with stride 1 the size stays
    late,   // the same with one less above and to the left
    fill,   // as many below and to the right as whole filters side by side need
    same    // as TensorFlow's "same": as many as the picture's size needs, an odd one below and to the right
  };
  Kind kind = Kind::zeros;
  int64_t count = 0;
};

// Lines [first, last) of a picture.
struct Lines {
  int64_t first = 0, last = 0;
  int64_t count() const { return last - first; }
};

struct ConvolutionOptions {
  int64_t inputs = 0;
  int64_t stride = 1, dilation = 1;
  ConvolutionPadding padding = {};
  kernels::Activation activation = kernels::Activation::none;
  // A batch normalisation behind it, which is folded into the weights; its epsilon.
  std::optional<float> batch_norm_epsilon = std::nullopt;
  // [outputs], what results are multiplied with; empty: none.
  Tensor gain = {};
};

// A two-dimensional convolution: `weight` [outputs, inputs / groups, height, width] or, of one pixel,
// [outputs, inputs], which tells the number of groups, and `bias` where the checkpoint has one. The
// BatchNorm behind it is in the scope `norm`. As one product over patches, or over the pixels themselves
// where the filter covers one.
class Convolution {
 public:
  Convolution(const WeightScope& scope, const ConvolutionOptions& options);
  Convolution(const WeightScope& scope, const WeightScope& norm, const ConvolutionOptions& options);

  // Whether each channel has a filter of its own, and whether the filter covers one position.
  bool depthwise() const { return groups_ > 1 && groups_ == options_.inputs && groups_ == outputs_; }
  bool pointwise() const;

  int64_t outputs() const { return outputs_; }
  int64_t stride() const { return options_.stride; }
  int64_t reach() const { return (kernel_height_ - 1) * options_.dilation + 1; }  // lines that it covers
  int64_t kernel_height() const { return kernel_height_; }
  int64_t output_height(int64_t height) const;
  int64_t output_width(int64_t width) const;

  // A map of the workspace. A picture smaller than the filter needs is Error(input).
  FeatureMap forward(const FeatureMap& x, Workspace& workspace) const;
  // y + residual, which is of y's size and may be y.
  void forward(const FeatureMap& x, const FeatureMap& y, const float* residual, Workspace& workspace) const;

  // Of a pointwise one.
  void forward_positions(const FeatureMap& x, const FeatureMap& y, const float* residual) const;

  // The lines of a picture of `height` that lines `out` of the result are made of.
  Lines input_lines(Lines out, int64_t height) const;
  // Of a depthwise convolution, lines [first, first + y.height) of the result for one picture of `height`;
  // x holds at least their input_lines, from line x_first on.
  void forward_lines(const FeatureMap& x, int64_t x_first, int64_t height, const FeatureMap& y,
                     int64_t first) const;

 private:
  struct Zeros {
    int64_t before = 0, after = 0;
  };
  Zeros zeros(int64_t size, int64_t kernel) const;
  int64_t output_size(int64_t size, int64_t kernel) const;
  void convolve_channels(const FeatureMap& x, const FeatureMap& y, const float* residual) const;
  void convolve_patches(const FeatureMap& x, const FeatureMap& y, const float* residual,
                        Workspace& workspace) const;
  struct PatchBlock {
    int64_t image, group, first, count;  // positions
  };
  void multiply_patches(const FeatureMap& x, const FeatureMap& y, const float* residual, PatchBlock block,
                        float* patches) const;

  ConvolutionOptions options_;
  int64_t outputs_ = 0, groups_ = 0, kernel_height_ = 0, kernel_width_ = 0;
  std::vector<kernels::PackedMatrix> weights_;  // of each group
  std::vector<float> channel_weights_;          // depthwise: [height, width, channels]
  std::vector<float> bias_;
};

}  // namespace millrace
