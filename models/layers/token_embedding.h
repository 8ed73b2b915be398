#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "models/layers/linear.h"
#include "models/layers/norm.h"
#include "models/layers/workspace.h"
#include "models/settings.h"

namespace millrace {

// Token ids to states, and states to logits. The two share one matrix, held once, where the checkpoint has it
// once or twice the same; the setting tied_head (true by default) says whether it may leave one out. Weights:
// embedding, head; project_in and project_out where the matrix is narrower than the states, as the setting
// embedding_width says; embedding_norm with the setting of that name. States are scaled by the setting
// embedding_scale, a number or "sqrt(width)", or only on their way into the layers by state_scale; logits by
// logit_scale, divided by logit_divisor, and bounded softly by logit_softcap.
class TokenEmbedding {
 public:
  TokenEmbedding(const Settings& settings, const WeightScope& weights);

  int64_t vocabulary() const { return head_.outputs(); }
  int64_t width() const { return width_; }
  int64_t embedding_width() const { return head_.inputs(); }
  // tokens, each in [0, vocabulary), to embeddings [n, embedding_width].
  void embed(std::span<const int32_t> tokens, const Rows& embeddings) const;
  // Embeddings, from tokens or in place of some, to states [n, width]; where both are as wide, they may be
  // the same rows.
  void admit(const Rows& embeddings, const Rows& states) const;
  // states [n, width] to logits [n, vocabulary].
  void unembed(const Rows& states, const Rows& logits, Workspace& workspace) const;

 private:
  int64_t width_;
  // [vocabulary, embedding width], where it is not the head's: as floats, or quantised as the file has it.
  Tensor embedding_;
  std::optional<Linear> quantised_embedding_;
  Linear head_;
  std::optional<Linear> project_in_, project_out_;
  std::optional<Norm> norm_;
  float scale_, state_scale_, logit_scale_, logit_softcap_;
};

}  // namespace millrace
