#include "models/layers/feed_forward.h"

#include <array>

namespace millrace {
namespace {

bool has_gate(const WeightScope& scope) { return scope.has("gate.weight") || scope.has("gate_up.weight"); }

Linear upwards(const WeightScope& scope, const FeedForward::Options& options) {
  if (scope.has("gate_up.weight")) return Linear(scope.at("gate_up"), 2 * options.inner_width, options.width);
  if (!has_gate(scope)) return Linear(scope.at("up"), options.inner_width, options.width);
  return Linear(std::array{Linear::Part{scope.at("gate"), options.inner_width},
                           Linear::Part{scope.at("up"), options.inner_width}},
                options.width);
}

}  // namespace

FeedForward::FeedForward(const WeightScope& scope, const Options& options)
    : activation_(options.activation),
      gated_(has_gate(scope)),
      up_(upwards(scope, options)),
      down_(scope.at("down"), options.width, options.inner_width) {}

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
