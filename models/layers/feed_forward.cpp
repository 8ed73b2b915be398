#include "models/layers/feed_forward.h"

namespace millrace {

FeedForward::FeedForward(const WeightScope& scope, const Options& options)
    : activation_(options.activation),
      up_(scope.at("up"), options.inner_width, options.width),
      down_(scope.at("down"), options.width, options.inner_width) {}

void FeedForward::forward(const Rows& x, const Rows& out, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Rows inner = workspace.rows(x.count, up_.outputs());
  up_.forward(x, inner, {.activation = activation_});
  down_.forward(inner, out, {.residual = out.data});
}

}  // namespace millrace
