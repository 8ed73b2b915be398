#pragma once
#include "models/layers/attention_options.h"
#include "models/layers/linear.h"
#include "models/layers/workspace.h"

namespace millrace {

// Attention of rows of one kind to rows of another or the same, whose queries and keys have positions added
// and whose values have not (Carion et al., "End-to-end object detection with transformers", 2020). Weights:
// query, key, value, output.
class PositionedAttention {
 public:
  // What one call attends with: the rows of `images` pictures, one after the other. Queries and keys are with
  // their positions.
  struct Input {
    int64_t images = 0;
    Rows queries, keys, values;       // dense; keys and values of the same rows
    const float* key_bias = nullptr;  // added to the scores, [images, keys of one]; null: nothing
  };

  // `memory_width` is that of the keys' and values' rows; 0: as wide as the queries'.
  PositionedAttention(const WeightScope& scope, const AttentionOptions& options, int64_t memory_width = 0);

  // out = out + output(attention).
  void forward(const Input& input, const Rows& out, Workspace& workspace) const;

 private:
  AttentionOptions options_;
  Linear query_, key_, value_, output_;
  kernels::WeightType weights_;
};

}  // namespace millrace
