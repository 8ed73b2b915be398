#pragma once
#include "models/layers/linear.h"
#include "models/layers/workspace.h"

namespace millrace {

// The position-wise network of a transformer layer. Weights: up and down.
class FeedForward {
 public:
  struct Options {
    int64_t width = 0, inner_width = 0;
    kernels::Activation activation = kernels::Activation::gelu;
  };
  FeedForward(const WeightScope& scope, const Options& options);

  // out = out + down(activation(up(x))).
  void forward(const Rows& x, const Rows& out, Workspace& workspace) const;

 private:
  kernels::Activation activation_;
  Linear up_, down_;
};

}  // namespace millrace
