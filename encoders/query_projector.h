#pragma once
#include <vector>

#include "models/layers/detection_layer.h"
#include "models/layers/workspace_pool.h"
#include "models/settings.h"

namespace millrace {

// Windows of an encoder's states, which a few learned queries ask through the layers of a querying
// transformer (Li et al., "BLIP-2", 2023), and what they hear projected to a language model's embeddings
// ("Granite Speech", Saon et al., 2025). From the settings
//   window, queries_of    rows of a window, the last filled up with zeros; which has window / queries_of
//                         queries
//   transformer.*         width, heads, layers, feed_forward_width, activation, norm_epsilon, memory_width
//   (of
//                         the encoder's states)
// Weights: queries [1, n, width]; transformer.norm, transformer.layers.N of DetectionLayer; output.
class QueryProjector {
 public:
  QueryProjector(const Settings& settings, const WeightScope& weights, int64_t inputs, int64_t outputs);

  int64_t outputs() const { return output_.outputs(); }
  // states [n, rows, inputs] to [n, windows * queries, outputs].
  Tensor project(const Tensor& states) const;

 private:
  Rows windows_of(const Tensor& states, int64_t windows, Workspace& workspace) const;

  int64_t window_;
  Tensor queries_;  // [queries, width]
  Norm norm_;
  std::vector<DetectionLayer> layers_;
  Linear output_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
