#pragma once
#include "models/layers/convolution.h"

namespace millrace {

// Weighs the channels of a picture by what its means say (Hu et al., "Squeeze-and-excitation networks",
// 2018). Weights: reduce and expand, filters of one pixel.
class SqueezeExcite {
 public:
  static bool in(const WeightScope& scope) { return scope.has("reduce.weight"); }
  SqueezeExcite(const WeightScope& scope, int64_t channels, kernels::Activation activation);

  // In place.
  void forward(const FeatureMap& x, Workspace& workspace) const;

 private:
  Convolution reduce_, expand_;
};

}  // namespace millrace
