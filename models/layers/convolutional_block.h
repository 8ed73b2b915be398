#pragma once
#include <optional>
#include <vector>

#include "models/layers/separable_convolution.h"
#include "models/layers/squeeze_excite.h"

namespace millrace {

struct ConvolutionalBlockOptions {
  int64_t inputs = 0;
  int64_t stride = 1, dilation = 1;
  int64_t later_dilation = 1;  // of filters behind the first wide one
  bool stride_first = false;   // the first convolution has the stride, else the first whose filter is wider
  kernels::Activation activation = kernels::Activation::relu;
  kernels::Activation squeeze_activation = kernels::Activation::relu;
  std::optional<kernels::Activation> sum_activation = std::nullopt;  // behind the addition
  bool residual = true;  // what comes in is added, where it is of the same size
  ConvolutionPadding::Kind padding = ConvolutionPadding::Kind::half;
  float batch_norm_epsilon = 1e-5f;
};

// Convolutions with a way around them: the residual blocks of ResNet (He et al., 2016) and RegNet, and the
// inverted ones of MobileNet v2 (Sandler et al., 2018) and EfficientNet. All convolutions but the last are
// followed by the activation. Weights: convolutions.N and their batch normalisations norms.N (of N from 0 to
// 3, those that the checkpoint has), squeeze_excite before the last, shortcut and shortcut_norm.
class ConvolutionalBlock {
 public:
  ConvolutionalBlock(const WeightScope& scope, const ConvolutionalBlockOptions& options);

  int64_t outputs() const { return convolutions_.back().outputs(); }
  FeatureMap forward(const FeatureMap& x, Workspace& workspace) const;

 private:
  void add_convolutions(const WeightScope& scope);
  std::optional<SeparableConvolution> separable() const;
  void run_convolutions(const FeatureMap& x, const FeatureMap& result, const float* residual,
                        Workspace& workspace) const;

  ConvolutionalBlockOptions options_;
  std::vector<Convolution> convolutions_;
  std::optional<SqueezeExcite> squeeze_excite_;
  std::optional<Convolution> shortcut_;
};

// A convolution with its batch normalisation, where the checkpoint has one.
Convolution normed_convolution(const WeightScope& scope, const WeightScope& norm, ConvolutionOptions options,
                               float epsilon);

}  // namespace millrace
