#include "models/layers/conformer_layer.h"

namespace millrace {
namespace {

void add_half(const Norm& norm, const FeedForward& network, const Rows& states, Workspace& workspace) {
  const Workspace::Frame frame(workspace);
  const Rows normed = workspace.rows(states.count, states.width);
  const Rows result = workspace.rows(states.count, states.width);
  norm.forward(states, normed);
  network.forward(normed, result, /*residual=*/false, workspace);
  for (int64_t i = 0; i < states.count * states.width; ++i) states.data[i] += 0.5f * result.data[i];
}

}  // namespace

ConformerLayer::ConformerLayer(const WeightScope& scope, const Options& options)
    : feed_forward_norm_(scope.at("feed_forward_norm"), options.attention.width, options.norm),
      feed_forward_(scope.at("feed_forward"), options.feed_forward),
      attention_norm_(scope.at("attention_norm"), options.attention.width, options.norm),
      attention_(scope.at("attention"), options.attention, options.block),
      convolution_(scope.at("convolution"), options.attention.width, options.norm),
      second_norm_(scope.at("second_norm"), options.attention.width, options.norm),
      second_feed_forward_(scope.at("second_feed_forward"), options.feed_forward),
      norm_(scope.at("norm"), options.attention.width, options.norm) {}

void ConformerLayer::forward(const Rows& states, int64_t length, Workspace& workspace) const {
  add_half(feed_forward_norm_, feed_forward_, states, workspace);
  {
    const Workspace::Frame frame(workspace);
    const Rows normed = workspace.rows(states.count, states.width);
    attention_norm_.forward(states, normed);
    attention_.forward(normed, length, states, workspace);
  }
  convolution_.forward(states, length, states, workspace);
  add_half(second_norm_, second_feed_forward_, states, workspace);
  norm_.forward(states, states);
}

}  // namespace millrace
