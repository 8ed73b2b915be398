#pragma once
#include <optional>
#include <variant>

#include "models/layers/cross_attention.h"
#include "models/layers/expert_mixture.h"
#include "models/layers/feed_forward.h"
#include "models/layers/norm.h"
#include "models/layers/self_attention.h"
#include "models/layers/short_convolution.h"

namespace millrace {

struct TransformerLayerOptions {
  AttentionOptions attention;
  FeedForward::Options feed_forward;
  ExpertMixture::Options experts;
  NormOptions norm;
  NormOptions head_norm = {};     // of queries and keys
  bool pre_norms = true;          // the parts are preceded by norms (Xiong et al., 2020)
  bool parallel = false;          // attention and feed-forward network both start from the layer's input
  bool norm_after = false;        // the norms follow the additions instead
  bool residual_of_norm = false;  // what the parts add to is their normalised input
  float residual_scale = 1;       // of what a part adds
  int64_t convolution = 0;        // positions that a short convolution sees
};

// From the settings width, heads, feed_forward_width (4 times the width by
// default; "weights": as they are), activation, norm and
// norm_epsilon, and where given head_norm and head_norm_epsilon (of queries and keys), gate_activation,
// pre_norms, parallel, norm_after, residual_of_norm, residual_scale, convolution_length and those of
// attention_options and expert_options.
TransformerLayerOptions transformer_layer_options(const Settings& settings, bool causal);

// A layer of a transformer. Weights: attention_norm, attention; feed_forward_norm, feed_forward. And where
// the checkpoint has them: convolution instead of attention, cross_attention_norm and cross_attention,
// attention_post_norm and feed_forward_post_norm (of what a part adds), attention_gain and feed_forward_gain
// [width] (which it is multiplied by: Touvron et al., "Going deeper with image transformers", 2021), a router
// in feed_forward, which makes it an ExpertMixture. Parallel parts share attention_norm where there is no
// feed_forward_norm.
class TransformerLayer {
 public:
  TransformerLayer(const WeightScope& scope, const TransformerLayerOptions& options);

  // states [n, width] in place, for all sequences together.
  void forward(const Rows& states, const StepRows& step, Workspace& workspace) const;

  const CrossAttention* cross_attention() const { return cross_attention_ ? &*cross_attention_ : nullptr; }
  bool has_convolution() const { return std::holds_alternative<ShortConvolution>(mixer_); }

 private:
  using Mixer = std::variant<SelfAttention, ShortConvolution>;
  using Network = std::variant<FeedForward, ExpertMixture>;
  static Mixer make_mixer(const WeightScope& scope, const TransformerLayerOptions& options);
  static Network make_network(const WeightScope& scope, const TransformerLayerOptions& options);

  // states += part(x), by way of the norm after the part where there is one.
  template <class Part>
  void add(const Part& part, const std::optional<Norm>& post_norm, const Tensor& gain, const Rows& states,
           Workspace& workspace) const;
  void mix(const Rows& x, const StepRows& step, const Rows& states, Workspace& workspace) const;
  void feed(const Rows& x, const Rows& states, Workspace& workspace) const;

  bool parallel_, norm_after_, residual_of_norm_;
  float residual_scale_;
  std::optional<Norm> attention_norm_, attention_post_norm_;
  Mixer mixer_;
  std::optional<Norm> cross_attention_norm_;
  std::optional<CrossAttention> cross_attention_;
  std::optional<Norm> feed_forward_norm_, feed_forward_post_norm_;
  Network network_;
  Tensor attention_gain_, feed_forward_gain_;  // [width]; empty: none
};

}  // namespace millrace
