#pragma once
#include "models/layers/feed_forward.h"
#include "models/layers/linear.h"
#include "models/layers/norm.h"
#include "models/layers/transformer_layer.h"
#include "models/layers/workspace.h"

namespace millrace {

// The states of a sequence as one vector: a learned query attends to them all, and a network adds to what it
// sees (Zhai et al., "Scaling vision transformers", 2022). Weights: probe [1, 1, width], attention with
// query_key_value and output, norm, feed_forward.
class AttentionPooling {
 public:
  AttentionPooling(const WeightScope& scope, const TransformerLayerOptions& options);

  // states [n * rows, width], `rows` of each sequence, to pooled [n, width].
  void forward(const Rows& states, int64_t rows, const Rows& pooled, Workspace& workspace) const;

 private:
  AttentionOptions options_;
  Tensor query_;  // [1, width]: what the projection makes of the probe
  Linear key_value_, output_;
  Norm norm_;
  FeedForward network_;
};

}  // namespace millrace
