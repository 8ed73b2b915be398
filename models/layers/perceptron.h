#pragma once
#include <vector>

#include "models/layers/linear.h"
#include "models/layers/workspace.h"

namespace millrace {

// Linear layers one after the other, with ReLU between them: `layers.N`, as many as the checkpoint has, or
// one that has no number.
class Perceptron {
 public:
  static bool in(const WeightScope& scope) { return scope.has("weight") || scope.has("layers.0.weight"); }
  Perceptron(const WeightScope& scope, int64_t inputs);

  int64_t outputs() const { return layers_.back().outputs(); }
  // x [n, inputs], y [n, outputs].
  void forward(const Rows& x, const Rows& y, Workspace& workspace) const;

 private:
  std::vector<Linear> layers_;
};

}  // namespace millrace
