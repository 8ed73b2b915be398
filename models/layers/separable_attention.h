#pragma once
#include "models/layers/convolution.h"

namespace millrace {

// Attention in which one number for each position says how much of its keys goes into a summary of all, which
// the values are then weighed by (Mehta and Rastegari, "Separable self-attention for mobile vision
// transformers", 2022). Along each line of a map for itself. Weights: query_key_value, the query's one row
// first, and output.
class SeparableAttention {
 public:
  static bool in(const WeightScope& scope) { return scope.has("query_key_value.weight"); }
  SeparableAttention(const WeightScope& scope, int64_t width);

  // out = output(attention(x)).
  void forward(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const;

 private:
  void attend(const Rows& projected, const Rows& mixed, const Rows& scores, float* summary) const;

  int64_t width_;
  Convolution query_key_value_, output_;
};

}  // namespace millrace
