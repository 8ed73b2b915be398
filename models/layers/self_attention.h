#pragma once
#include <optional>
#include <span>

#include "models/layers/attention_options.h"
#include "models/layers/linear.h"
#include "models/layers/workspace.h"

namespace millrace {

// One sequence among the rows that are computed together.
struct SequenceRows {
  int64_t first_row = 0, rows = 0;
  int64_t position = 0;  // of the first row, counted from the sequence's beginning
  // The layer's cache of this sequence, [positions, kv_width] each: the rows' keys and values are written to
  // it, and everything from position 0 on is attended to. Null: the rows attend to each other alone.
  std::byte* keys = nullptr;
  std::byte* values = nullptr;
};

// Self-attention. Weights: query, key, value (or query_key_value) and output.
class SelfAttention {
 public:
  SelfAttention(const WeightScope& scope, const AttentionOptions& options);

  // out = out + output(attention(x)), for the rows of all `sequences`.
  void forward(const Rows& x, std::span<const SequenceRows> sequences, const Rows& out,
               Workspace& workspace) const;

 private:
  void attend(const Rows& projected, std::span<const SequenceRows> sequences, const Rows& mixed,
              Workspace& workspace) const;

  AttentionOptions options_;
  Linear query_key_value_, output_;
  kernels::WeightType weights_;
};

}  // namespace millrace
