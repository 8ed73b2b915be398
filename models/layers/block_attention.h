#pragma once
#include "models/layers/attention_options.h"
#include "models/layers/linear.h"
#include "models/layers/workspace.h"

namespace millrace {

// Self-attention within blocks of a sequence, the last of which may be shorter, with embeddings of the
// distance from a query to a key in the scores (Shaw et al., "Self-attention with relative position
// representations", 2018): (q · k + q · distances[position of q - position of k]) * scale. Weights: query,
// key_value, output, and distances [2 n + 1, head_dim], whose row n is that of no distance.
class BlockAttention {
 public:
  BlockAttention(const WeightScope& scope, const AttentionOptions& options, int64_t block);

  // out = out + output(attention(x)), of sequences of `length` rows one after the other.
  void forward(const Rows& x, int64_t length, const Rows& out, Workspace& workspace) const;

 private:
  void attend(const Rows& queries, const Rows& keys_values, const Rows& mixed, Workspace& workspace) const;
  const float* distance_scores(const Rows& queries, Workspace& workspace) const;

  AttentionOptions options_;
  int64_t block_;
  Linear query_, key_value_, output_;
  kernels::PackedMatrix distances_;  // from block - 1 before to block - 1 behind the query, in that order
  kernels::WeightType weights_;
};

}  // namespace millrace
