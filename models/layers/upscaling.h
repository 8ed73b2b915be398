#pragma once
#include <vector>

#include "models/layers/feature_map.h"
#include "models/weights.h"

namespace millrace {

// A transposed convolution whose filters lie side by side: every position becomes a square of them. `weight`
// [inputs, outputs, size, size], `bias`, and the batch normalisation `norm` behind it where the checkpoint
// has one.
class Upscaling {
 public:
  struct Options {
    int64_t inputs = 0;
    kernels::Activation activation = kernels::Activation::none;
    float batch_norm_epsilon = 1e-5f;
  };
  Upscaling(const WeightScope& scope, const WeightScope& norm, const Options& options);

  int64_t outputs() const { return outputs_; }
  FeatureMap forward(const FeatureMap& x, Workspace& workspace) const;

 private:
  Options options_;
  int64_t outputs_ = 0, size_ = 0;
  kernels::PackedMatrix weight_;  // rows of one place in the square after those of another
  std::vector<float> bias_;       // of each row
};

}  // namespace millrace
