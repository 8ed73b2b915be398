#pragma once
#include <vector>

#include "models/layers/feature_map.h"
#include "models/weights.h"

namespace millrace {

struct TransposedConvolutionOptions {
  int64_t inputs = 0;
  int64_t factor = 0;  // that the filters have to have; 0: whichever they have
  kernels::Activation activation = kernels::Activation::none;
  float batch_norm_epsilon = 1e-5f;
};

// Makes pictures larger by a whole factor: every pixel becomes a square of factor x factor pixels of its own
// (torch's ConvTranspose2d whose stride is its filters' size). Weights: `weight` [inputs, outputs, factor,
// factor] and `bias` where the checkpoint has one; the BatchNorm behind it, where it has one, in `norm`.
class TransposedConvolution {
 public:
  TransposedConvolution(const WeightScope& scope, const WeightScope& norm,
                        const TransposedConvolutionOptions& options);

  int64_t outputs() const { return outputs_; }
  FeatureMap forward(const FeatureMap& x, Workspace& workspace) const;

 private:
  kernels::Activation activation_;
  int64_t factor_, outputs_;
  kernels::PackedMatrix weight_;  // [factor * factor * outputs, inputs]
  std::vector<float> bias_;       // of each of those rows; empty: none
};

}  // namespace millrace
