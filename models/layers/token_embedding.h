#pragma once
#include "models/layers/linear.h"
#include "models/settings.h"

namespace millrace {

// Token ids to states, and states to logits. The two share one matrix, held once, where the checkpoint has it
// once or twice the same; the setting tied_head (true by default) says whether it may leave one out. Weights:
// embedding, head.
class TokenEmbedding {
 public:
  TokenEmbedding(const Settings& settings, const WeightScope& weights);

  int64_t vocabulary() const { return head_.outputs(); }
  int64_t width() const { return head_.inputs(); }
  // The embedding of `token` in [0, vocabulary), as `width` floats.
  void embed(int64_t token, float* state) const;
  // states [n, width] to logits [n, vocabulary].
  void unembed(const Rows& states, const Rows& logits) const { head_.forward(states, logits); }

 private:
  Tensor embedding_;  // [vocabulary, width], empty when tied
  Linear head_;
};

}  // namespace millrace
