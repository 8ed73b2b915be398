#pragma once
#include "models/layers/norm.h"

namespace millrace {

// A norm of queries or keys before they are compared. By the shape of its gains: [head_dim], each head alone;
// [heads, head_dim], or one a head under a number, each head alone with gains of its own; [heads * head_dim],
// all heads together.
class HeadNorm {
 public:
  HeadNorm(const WeightScope& scope, int64_t heads, int64_t head_dim, const NormOptions& options);
  static bool in(const WeightScope& scope) { return scope.has("weight") || scope.has("0.weight"); }

  // x [n, heads * head_dim] in place; its rows need not be dense.
  void forward(const Rows& x) const;

 private:
  NormOptions options_;
  int64_t groups_, width_;  // a row is `groups_` parts of `width_`, normalised each for itself
  bool shared_;             // all with the same gains
  Tensor gain_, bias_;
};

}  // namespace millrace
