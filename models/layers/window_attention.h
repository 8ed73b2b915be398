#pragma once
#include <array>
#include <vector>

#include "models/layers/feature_map.h"
#include "models/layers/linear.h"

namespace millrace {

struct WindowAttentionOptions {
  int64_t width = 0, heads = 1;
  int64_t window = 0;  // positions along an edge
  int64_t shift = 0;   // that the windows are moved by, down and to the right
  // Pictures may be smaller than a window; and they are shifted where a window holds them, too.
  bool fixed = false;
  int64_t trained_window = 0;  // of continuous_position_bias
};

// Self-attention inside windows of a picture, with biases by distance; every other layer's windows are
// shifted, and what comes together from opposite edges then does not see each other (Liu et al., "Swin
// Transformer", 2021). Weights: query, key, value, output, and relative_position_bias_table; or logit_scale
// [heads], which makes the scores cosines times its exponential, with continuous_position_bias (Liu et al.,
// "Swin Transformer V2", 2022).
class WindowAttention {
 public:
  static bool in(const WeightScope& scope) {
    return scope.has("relative_position_bias_table") || scope.has("logit_scale");
  }
  WindowAttention(const WeightScope& scope, const WindowAttentionOptions& options);

  // out = output(attention(x)). A picture smaller than a window is Error(input), unless that is fixed.
  void forward(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const;

 private:
  struct Grid;
  Grid grid_of(const FeatureMap& x) const;
  void attend(const Rows& windows, const Grid& grid, Workspace& workspace) const;
  void normalise(const Rows& queries, const Rows& keys) const;

  WindowAttentionOptions options_;
  Linear query_key_value_, output_;
  // Added to scores, [heads, n, n] for n positions of a window: of windows inside, at the bottom, at the
  // right, and at both. Without shift the first alone.
  std::array<Tensor, 4> scores_;
  std::vector<float> cosine_scales_;  // of each head; empty: scores are no cosines
};

}  // namespace millrace
