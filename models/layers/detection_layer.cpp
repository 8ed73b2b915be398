#include "models/layers/detection_layer.h"

#include <algorithm>
#include <cassert>

namespace millrace {
namespace {

Norm norm_in(const WeightScope& scope, const DetectionLayer::Options& options) {
  return Norm(scope, options.attention.width,
              {.kind = NormOptions::Kind::layer, .epsilon = options.norm_epsilon});
}

}  // namespace

Rows placed_rows(const Rows& states, const Rows& positions, Workspace& workspace) {
  const Rows placed = workspace.rows(states.count, states.width);
  const int64_t values = states.count * states.width;
  std::copy_n(states.data, values, placed.data);
  kernels::add(positions.data, values, placed.data);
  return placed;
}

DetectionLayer::DetectionLayer(const WeightScope& scope, const Options& options)
    : attention_(scope.at("attention"), options.attention),
      attention_norm_(norm_in(scope.at("attention_norm"), options)),
      feed_forward_(scope.at("feed_forward"), options.feed_forward),
      feed_forward_norm_(norm_in(scope.at("feed_forward_norm"), options)) {
  if (!scope.has("cross_attention.query.weight")) return;
  cross_attention_.emplace(scope.at("cross_attention"), options.attention, options.memory_width);
  cross_attention_norm_.emplace(norm_in(scope.at("cross_attention_norm"), options));
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
