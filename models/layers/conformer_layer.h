#pragma once
#include "models/layers/block_attention.h"
#include "models/layers/feed_forward.h"
#include "models/layers/gated_convolution.h"

namespace millrace {

// A layer of a conformer (Gulati et al., "Conformer", 2020): half of a feed-forward network, attention, a
// convolution, half of another network, each added to the states, and a norm. Weights: feed_forward_norm and
// feed_forward; attention_norm and attention; convolution; second_norm and second_feed_forward; norm.
class ConformerLayer {
 public:
  struct Options {
    AttentionOptions attention;
    int64_t block = 0;  // rows that attend to each other
    FeedForward::Options feed_forward;
    NormOptions norm;
  };
  ConformerLayer(const WeightScope& scope, const Options& options);

  // `states`, of sequences of `length` rows one after the other, in place.
  void forward(const Rows& states, int64_t length, Workspace& workspace) const;

 private:
  Norm feed_forward_norm_;
  FeedForward feed_forward_;
  Norm attention_norm_;
  BlockAttention attention_;
  GatedConvolution convolution_;
  Norm second_norm_;
  FeedForward second_feed_forward_;
  Norm norm_;
};

}  // namespace millrace
