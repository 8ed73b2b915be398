#pragma once
#include <vector>

#include "models/weights.h"

namespace millrace {

// Batch normalisation (Ioffe and Szegedy, 2015), of which the layer before it takes all into its own weights.
// Weights: running_mean and running_var, and weight and bias where the checkpoint has them.
class BatchNorm {
 public:
  BatchNorm(const WeightScope& scope, int64_t channels, float epsilon);
  static bool in(const WeightScope& scope) { return scope.has("running_var"); }

  // Multiplies the rows of `weight` [n * channels, …], the channels one after the other n times, and moves
  // `bias` [n * channels], or empty for zeros, as the normalisation would move what they make.
  void fold_into(Tensor& weight, std::vector<float>& bias) const;

 private:
  std::vector<double> factor_, shift_;  // [channels]: factor * x + shift
};

}  // namespace millrace
