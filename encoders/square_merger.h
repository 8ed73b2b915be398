#pragma once
#include "models/layers/linear.h"
#include "models/layers/norm.h"
#include "models/layers/workspace.h"
#include "models/settings.h"

namespace millrace {

// Squares of a picture's patches, which lie behind one another, to one state each: a norm, of each patch or
// of the whole square as the size of its weight tells, and two layers with an activation between ("Qwen2-VL",
// Wang et al., 2024). From the settings `activation` and those of norm_options. Weights: norm, layers.0,
// layers.1.
class SquareMerger {
 public:
  struct Widths {
    int64_t patch = 0, patches = 0, outputs = 0;  // patches: of a square
  };
  SquareMerger(const Settings& settings, const WeightScope& weights, const Widths& widths);

  // patches [squares * patches, patch] to out [squares, outputs].
  void forward(const Rows& patches, const Rows& out, Workspace& workspace) const;

 private:
  Widths widths_;
  kernels::Activation activation_;
  bool whole_norm_;
  Norm norm_;
  Linear first_, second_;
};

}  // namespace millrace
