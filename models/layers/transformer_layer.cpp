#include "models/layers/transformer_layer.h"

#include "models/layers/activation.h"

namespace millrace {

TransformerLayerOptions transformer_layer_options(const Settings& settings, bool causal) {
  const int64_t width = settings.size("width");
  return {.attention = attention_options(settings, causal),
          .feed_forward = {.width = width,
                           .inner_width = settings.size("feed_forward_width"),
                           .activation = activation_setting(settings, "activation")},
          .norm = norm_options(settings)};
}

TransformerLayer::TransformerLayer(const WeightScope& scope, const TransformerLayerOptions& options)
    : attention_norm_(scope.at("attention_norm"), options.attention.width, options.norm),
      attention_(scope.at("attention"), options.attention),
      feed_forward_norm_(scope.at("feed_forward_norm"), options.attention.width, options.norm),
      feed_forward_(scope.at("feed_forward"), options.feed_forward) {
  if (!scope.has("cross_attention.query.weight")) return;
  cross_attention_norm_.emplace(scope.at("cross_attention_norm"), options.attention.width, options.norm);
  cross_attention_.emplace(scope.at("cross_attention"), options.attention);
}

void TransformerLayer::forward(const Rows& states, std::span<const SequenceRows> sequences,
                               std::span<const MemoryRows> memories, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Rows normed = workspace.rows(states.count, states.width);

  attention_norm_.forward(states, normed);
  attention_.forward(normed, sequences, states, workspace);

  if (cross_attention_) {
    cross_attention_norm_->forward(states, normed);
    cross_attention_->forward(normed, memories, states, workspace);
  }

  feed_forward_norm_.forward(states, normed);
  feed_forward_.forward(normed, states, workspace);
}

}  // namespace millrace
