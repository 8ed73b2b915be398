#include "models/layers/feed_forward.h"

#include <array>

namespace millrace {
namespace {

bool has_gate(const WeightScope& scope) { return scope.has("gate.weight") || scope.has("gate_up.weight"); }

int64_t inner_width(const WeightScope& scope, const FeedForward::Options& options) {
  if (options.inner_width > 0) return options.inner_width;
  const Shape shape = scope.shape("down.weight");
  return shape.size() == 2 ? shape[1] : 0;
}

Linear upwards(const WeightScope& scope, const FeedForward::Options& options) {
  const int64_t inner = inner_width(scope, options);
  if (scope.has("gate_up.weight")) return Linear(scope.at("gate_up"), 2 * inner, options.width);
  if (!has_gate(scope)) return Linear(scope.at("up"), inner, options.width);
  return Linear(std::array{Linear::Part{scope.at("gate"), inner}, Linear::Part{scope.at("up"), inner}},
                options.width);
}

}  // namespace

FeedForward::FeedForward(const WeightScope& scope, const Options& options)
    : gated_(has_gate(scope)),
      activation_(gated_ ? options.gate_activation.value_or(options.activation) : options.activation),
      up_(upwards(scope, options)),
      down_(scope.at("down"), options.width, inner_width(scope, options)) {}

void FeedForward::forward(const Rows& x, const Rows& out, bool residual, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  Rows inner = workspace.rows(x.count, up_.outputs());
  if (gated_) {
    up_.forward(x, inner);
    const int64_t width = up_.outputs() / 2;
    const Rows gate = inner.columns(0, width), rest = inner.columns(width, width);
    inner = workspace.rows(x.count, width);
    kernels::gate({.activation = activation_,
                   .gate = gate.data,
                   .x = rest.data,
                   .y = inner.data,
                   .rows = x.count,
                   .width = width,
                   .stride = gate.stride,
                   .y_stride = inner.stride});
  } else {
    up_.forward(x, inner, {.activation = activation_});
  }
  down_.forward(inner, out, {.residual = residual ? out.data : nullptr});
}

}  // namespace millrace
