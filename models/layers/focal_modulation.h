#pragma once
#include <optional>
#include <vector>

#include "models/layers/convolution.h"
#include "models/layers/linear.h"
#include "models/layers/picture_norm.h"

namespace millrace {

struct FocalModulationOptions {
  int64_t width = 0;
  bool normalised = false;  // the context is divided by the number of its levels
  float norm_epsilon = 1e-5f;
};

// Each position is weighed by its context: what ever wider filters see around it, and the mean of the whole,
// as much of each as the position itself asks for (Yang et al., "Focal modulation networks", 2022). Weights:
// input (queries, context and a gate for each level, one below the other), levels.N (a filter for each
// channel), context, output, and norm where the checkpoint has it.
class FocalModulation {
 public:
  static bool in(const WeightScope& scope) { return scope.has("context.weight"); }
  FocalModulation(const WeightScope& scope, const FocalModulationOptions& options);

  // out = output(modulation(x)).
  void forward(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const;

 private:
  void gather(const Rows& gates, FeatureMap context, const FeatureMap& sum, Workspace& workspace) const;

  FocalModulationOptions options_;
  std::vector<Convolution> levels_;
  Linear input_, output_;
  Convolution context_;
  std::optional<PictureNorm> norm_;
};

}  // namespace millrace
