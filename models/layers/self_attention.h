#pragma once
#include <optional>

#include "models/layers/attention_options.h"
#include "models/layers/head_norm.h"
#include "models/layers/linear.h"
#include "models/layers/step_rows.h"
#include "models/layers/workspace.h"

namespace millrace {

// Self-attention. Weights: query, key, value (or query_key_value), output, and where the checkpoint has them
// query_norm and key_norm.
class SelfAttention {
 public:
  SelfAttention(const WeightScope& scope, const AttentionOptions& options, const NormOptions& norm);

  // out = output(attention(x)), for the rows of all of the step's sequences; with `residual`, out + that.
  void forward(const Rows& x, const StepRows& step, const Rows& out, bool residual,
               Workspace& workspace) const;

 private:
  void adjust(const Rows& queries, const Rows& keys, const Rows& values, const StepRows& step) const;
  void attend(const Rows& queries, const Rows& keys, const Rows& values, const StepRows& step,
              const Rows& mixed, Workspace& workspace) const;

  AttentionOptions options_;
  Linear query_key_value_, output_;
  std::optional<HeadNorm> query_norm_, key_norm_;
  kernels::WeightType weights_;
};

}  // namespace millrace
