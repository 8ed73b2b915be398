#pragma once
#include <vector>

#include "models/layers/feature_map.h"
#include "models/weights.h"

namespace millrace {

// Makes pictures larger by a whole factor: every pixel becomes a square of factor x factor pixels of its own
// (torch's ConvTranspose2d whose stride is its filters' size). Weights: `weight` [inputs, outputs, factor,
// factor] and `bias` where the checkpoint has one.
class TransposedConvolution {
 public:
  TransposedConvolution(const WeightScope& scope, int64_t inputs, int64_t factor);

  int64_t outputs() const { return outputs_; }
  FeatureMap forward(const FeatureMap& x, Workspace& workspace) const;

 private:
  int64_t factor_, outputs_ = 0;
  kernels::PackedMatrix weight_;  // [factor * factor * outputs, inputs]
  std::vector<float> bias_;       // of each of those rows; empty: none
};

}  // namespace millrace
