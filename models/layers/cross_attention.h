#pragma once
#include <span>

#include "models/layers/attention_options.h"
#include "models/layers/linear.h"
#include "models/layers/step_rows.h"
#include "models/layers/workspace.h"

namespace millrace {

// Attention of a decoder to an encoder's states. Weights: query, key, value (or key_value) and output.
class CrossAttention {
 public:
  CrossAttention(const WeightScope& scope, const AttentionOptions& options);

  // Computes the keys and values of `states` [positions, width] once for all the steps that attend to them.
  void remember(const Rows& states, std::byte* keys_values, Workspace& workspace) const;
  size_t bytes_per_position() const;

  // out = out + output(attention(x)).
  void forward(const Rows& x, std::span<const MemoryRows> memories, const Rows& out,
               Workspace& workspace) const;

 private:
  AttentionOptions options_;
  Linear query_, key_value_, output_;
  kernels::WeightType weights_;
};

}  // namespace millrace
