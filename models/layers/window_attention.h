#pragma once
#include <array>

#include "models/layers/feature_map.h"
#include "models/layers/linear.h"

namespace millrace {

struct WindowAttentionOptions {
  int64_t width = 0, heads = 1;
  int64_t window = 0;  // positions along an edge
  int64_t shift = 0;   // that the windows are moved by, down and to the right
};

// Self-attention inside windows of a picture, with biases by distance; every other layer's windows are
// shifted, and what comes together from opposite edges then does not see each other (Liu et al., "Swin
// Transformer", 2021). Weights: query, key, value, output and relative_position_bias_table.
class WindowAttention {
 public:
  static bool in(const WeightScope& scope) { return scope.has("relative_position_bias_table"); }
  WindowAttention(const WeightScope& scope, const WindowAttentionOptions& options);

  // out = output(attention(x)). A picture smaller than a window is Error(input).
  void forward(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const;

 private:
  struct Grid;
  Grid grid_of(const FeatureMap& x) const;

  WindowAttentionOptions options_;
  Linear query_key_value_, output_;
  // Added to scores, [heads, n, n] for n positions of a window: of windows inside, at the bottom, at the
  // right, and at both. Without shift the first alone.
  std::array<Tensor, 4> scores_;
};

}  // namespace millrace
