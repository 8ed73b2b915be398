#pragma once
#include <optional>

#include "models/layers/linear.h"
#include "models/layers/workspace.h"

namespace millrace {

// The position-wise network of a transformer layer: down(activation(up(x))), or with a gate
// down(activation(gate(x)) * up(x)) (Shazeer, "GLU variants improve transformer", 2020). Weights: up and
// down, and gate (or gate_up, the gate's outputs first) where there is one.
class FeedForward {
 public:
  struct Options {
    int64_t width = 0, inner_width = 0;  // inner_width 0: as the weights are
    kernels::Activation activation = kernels::Activation::gelu;
    // Where networks with a gate have another.
    std::optional<kernels::Activation> gate_activation = std::nullopt;
  };
  FeedForward(const WeightScope& scope, const Options& options);

  // out = the network's result; with `residual`, out + that.
  void forward(const Rows& x, const Rows& out, bool residual, Workspace& workspace) const;

 private:
  bool gated_;
  kernels::Activation activation_;
  Linear up_, down_;  // up_ computes the gate and then the rest where there is one
};

}  // namespace millrace
