#pragma once
#include "models/layers/linear.h"
#include "models/layers/step_rows.h"
#include "models/layers/workspace.h"

namespace millrace {

// What LFM2's layers have in place of attention: a gated convolution over the last few positions, each
// channel alone. Weights: input (gates b, c and the signal x, one below the other), kernel [width, 1,
// length], output. A cache holds b * x of each position, as floats in its keys.
class ShortConvolution {
 public:
  ShortConvolution(const WeightScope& scope, int64_t width, int64_t length);
  static bool in(const WeightScope& scope) { return scope.has("kernel.weight"); }
  static size_t position_bytes(int64_t width) { return static_cast<size_t>(width) * sizeof(float); }

  // out = output(c * convolution(b * x)); with `residual`, out + that.
  void forward(const Rows& x, const StepRows& step, const Rows& out, bool residual,
               Workspace& workspace) const;

 private:
  int64_t width_, length_;
  Linear input_, output_;
  Tensor kernel_, bias_;  // [length, width], [width]
};

}  // namespace millrace
