#include "models/layers/detection_layer.h"

#include <algorithm>
#include <cassert>

namespace millrace {
namespace {

constexpr NormOptions kNorm = {.kind = NormOptions::Kind::layer, .epsilon = 1e-5f};

}  // namespace

Rows placed_rows(const Rows& states, const Rows& positions, Workspace& workspace) {
  const Rows placed = workspace.rows(states.count, states.width);
  const int64_t values = states.count * states.width;
  std::copy_n(states.data, values, placed.data);
  kernels::add(positions.data, values, placed.data);
  return placed;
}

DetectionLayer::DetectionLayer(const WeightScope& scope, const AttentionOptions& attention,
                               const FeedForward::Options& feed_forward)
    : attention_(scope.at("attention"), attention),
      attention_norm_(scope.at("attention_norm"), attention.width, kNorm),
      feed_forward_(scope.at("feed_forward"), feed_forward),
      feed_forward_norm_(scope.at("feed_forward_norm"), attention.width, kNorm) {
  if (!scope.has("cross_attention.query.weight")) return;
  cross_attention_.emplace(scope.at("cross_attention"), attention);
  cross_attention_norm_.emplace(scope.at("cross_attention_norm"), attention.width, kNorm);
}

void DetectionLayer::forward(const Rows& states, const Rows& positions, int64_t images, const float* key_bias,
                             const Memory* memory, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Rows placed = placed_rows(states, positions, workspace);
  attention_.forward(
      {.images = images, .queries = placed, .keys = placed, .values = states, .key_bias = key_bias}, states,
      workspace);
  attention_norm_.forward(states, states);
  if (cross_attention_) {
    assert(memory != nullptr);
    cross_attention_->forward({.images = images,
                               .queries = placed_rows(states, positions, workspace),
                               .keys = memory->placed,
                               .values = memory->states,
                               .key_bias = memory->key_bias},
                              states, workspace);
    cross_attention_norm_->forward(states, states);
  }
  feed_forward_.forward(states, states, /*residual=*/true, workspace);
  feed_forward_norm_.forward(states, states);
}

}  // namespace millrace
