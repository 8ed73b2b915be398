#pragma once
#include "models/layers/linear.h"
#include "models/layers/picture_norm.h"

namespace millrace {

// Every square of four positions to one (Liu et al., "Swin Transformer", 2021): their channels one after the
// other, down the columns, are normalised and projected, or projected and normalised, as the norm is wide.
// Weights: norm and reduction. Zeros follow the last row and column of odd sizes.
class PatchMerging {
 public:
  static bool in(const WeightScope& scope) { return scope.has("reduction.weight"); }
  PatchMerging(const WeightScope& scope, int64_t width, float norm_epsilon);

  int64_t outputs() const { return reduction_.outputs(); }
  FeatureMap forward(const FeatureMap& x, Workspace& workspace) const;

 private:
  bool norm_after_;
  PictureNorm norm_;
  Linear reduction_;
};

}  // namespace millrace
