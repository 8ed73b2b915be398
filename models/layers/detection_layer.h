#pragma once
#include <optional>

#include "models/layers/feed_forward.h"
#include "models/layers/norm.h"
#include "models/layers/positioned_attention.h"

namespace millrace {

// A layer of DETR's encoder or decoder (Carion et al., 2020), or of BLIP-2's querying transformer (Li et al.,
// 2023): parts that add to the states, each followed by a norm. Weights: attention and attention_norm; where
// the checkpoint has them cross_attention and cross_attention_norm; feed_forward and feed_forward_norm.
class DetectionLayer {
 public:
  // An encoder's states, which the layers of a decoder attend to.
  struct Memory {
    Rows states, placed;              // placed: with their positions
    const float* key_bias = nullptr;  // see PositionedAttention
  };

  struct Options {
    AttentionOptions attention;
    FeedForward::Options feed_forward;
    float norm_epsilon = 1e-5f;
    int64_t memory_width = 0;  // 0: as wide as the states
  };
  DetectionLayer(const WeightScope& scope, const Options& options);

  // `states` of `images` pictures in place; `positions` are added where they ask and are asked, of which
  // `key_bias` is added to the scores. `memory` is for layers with cross-attention.
  void forward(const Rows& states, const Rows& positions, int64_t images, const float* key_bias,
               const Memory* memory, Workspace& workspace) const;

 private:
  PositionedAttention attention_;
  Norm attention_norm_;
  std::optional<PositionedAttention> cross_attention_;
  std::optional<Norm> cross_attention_norm_;
  FeedForward feed_forward_;
  Norm feed_forward_norm_;
};

// states + positions, in the workspace; the rows are dense.
Rows placed_rows(const Rows& states, const Rows& positions, Workspace& workspace);

}  // namespace millrace
