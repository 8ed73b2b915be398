#pragma once
#include <optional>
#include <span>

#include "models/layers/cross_attention.h"
#include "models/layers/feed_forward.h"
#include "models/layers/norm.h"
#include "models/layers/self_attention.h"

namespace millrace {

struct TransformerLayerOptions {
  AttentionOptions attention;
  FeedForward::Options feed_forward;
  NormOptions norm;
};

// From the settings width, heads, feed_forward_width, activation, norm and norm_epsilon.
TransformerLayerOptions transformer_layer_options(const Settings& settings, bool causal);

// A layer that normalises before each of its parts (Xiong et al., 2020). It attends to a memory where the
// checkpoint has weights for that. Weights: attention_norm, attention, cross_attention_norm, cross_attention,
// feed_forward_norm, feed_forward.
class TransformerLayer {
 public:
  TransformerLayer(const WeightScope& scope, const TransformerLayerOptions& options);

  // states [n, width] in place, for all sequences together. `memories` covers the same rows.
  void forward(const Rows& states, std::span<const SequenceRows> sequences,
               std::span<const MemoryRows> memories, Workspace& workspace) const;

  const CrossAttention* cross_attention() const { return cross_attention_ ? &*cross_attention_ : nullptr; }

 private:
  Norm attention_norm_;
  SelfAttention attention_;
  std::optional<Norm> cross_attention_norm_;
  std::optional<CrossAttention> cross_attention_;
  Norm feed_forward_norm_;
  FeedForward feed_forward_;
};

}  // namespace millrace
