#include "models/layers/cross_attention.h"

#include <array>

namespace millrace {
namespace {

Linear key_value(const WeightScope& scope, const AttentionOptions& options) {
  const int64_t width = options.kv_width();
  if (scope.has("key_value.weight")) return Linear(scope.at("key_value"), 2 * width, options.width);
  return Linear(std::array{Linear::Part{scope.at("key"), width}, Linear::Part{scope.at("value"), width}},
                options.width);
}

}  // namespace

CrossAttention::CrossAttention(const WeightScope& scope, const AttentionOptions& options)
    : options_(options),
      query_(scope.at("query"), options.query_width(), options.width),
      key_value_(key_value(scope, options)),
      output_(scope.at("output"), options.width, options.query_width()),
      weights_(scope.type()) {}

size_t CrossAttention::bytes_per_position() const {
  return static_cast<size_t>(key_value_.outputs()) * size_of(cache_type(weights_));
}

void CrossAttention::remember(const Rows& states, std::byte* keys_values, Workspace& workspace) const {
  const int64_t width = key_value_.outputs();
  if (cache_type(weights_) == DType::float32) {
    key_value_.forward(
        states, {reinterpret_cast<float*>(keys_values), states.count, width, static_cast<size_t>(width)});
    return;
  }
  const Workspace::Frame frame(workspace);
  const Rows projected = workspace.rows(states.count, width);
  key_value_.forward(states, projected);
  kernels::convert(projected.data, projected.count * width, cache_type(weights_), keys_values);
}

void CrossAttention::forward(const Rows& x, std::span<const MemoryRows> memories, const Rows& out,
                             Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Rows queries = workspace.rows(x.count, options_.query_width());
  const Rows mixed = workspace.rows(x.count, options_.query_width());
  query_.forward(x, queries);
  const DType type = cache_type(weights_);
  auto& calls = workspace.sequences();
  for (const auto& memory : memories)
    calls.push_back({.q = queries.row(memory.first_row),
                     .k = memory.keys_values,
                     .v = memory.keys_values + static_cast<size_t>(options_.kv_width()) * size_of(type),
                     .out = mixed.row(memory.first_row),
                     .queries = memory.rows,
                     .keys = memory.positions,
                     .probabilities = memory.probabilities});
  kernels::attention({.heads = static_cast<int>(options_.heads),
                      .kv_heads = static_cast<int>(options_.kv_heads),
                      .head_dim = static_cast<int>(options_.head_dim),
                      .q_stride = queries.stride,
                      .kv_stride = static_cast<size_t>(key_value_.outputs()),
                      .out_stride = mixed.stride,
                      .scale = options_.scale,
                      .kv_type = type,
                      .precision = attention_precision(weights_)},
                     calls);
  output_.forward(mixed, out, {.residual = out.data});
}

}  // namespace millrace
