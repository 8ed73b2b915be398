#include "models/layers/self_attention.h"

#include <array>

namespace millrace {
namespace {

Linear projections(const WeightScope& scope, const AttentionOptions& options) {
  const int64_t queries = options.query_width(), keys = options.kv_width();
  if (scope.has("query_key_value.weight"))
    return Linear(scope.at("query_key_value"), queries + 2 * keys, options.width);
  return Linear(std::array{Linear::Part{scope.at("query"), queries}, Linear::Part{scope.at("key"), keys},
                           Linear::Part{scope.at("value"), keys}},
                options.width);
}

}  // namespace

SelfAttention::SelfAttention(const WeightScope& scope, const AttentionOptions& options)
    : options_(options),
      query_key_value_(projections(scope, options)),
      output_(scope.at("output"), options.width, options.query_width()),
      weights_(scope.type()) {}

void SelfAttention::forward(const Rows& x, std::span<const SequenceRows> sequences, const Rows& out,
                            Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Rows projected = workspace.rows(x.count, query_key_value_.outputs());
  const Rows mixed = workspace.rows(x.count, options_.query_width());
  query_key_value_.forward(x, projected);
  attend(projected, sequences, mixed, workspace);
  output_.forward(mixed, out, {.residual = out.data});
}

void SelfAttention::attend(const Rows& projected, std::span<const SequenceRows> sequences, const Rows& mixed,
                           Workspace& workspace) const {
  const int64_t kv_width = options_.kv_width();
  const Rows queries = projected.columns(0, options_.query_width());
  const Rows keys = projected.columns(queries.width, kv_width);
  const Rows values = projected.columns(queries.width + kv_width, kv_width);
  const bool cached = sequences.front().keys != nullptr;
  const DType type = cached ? cache_type(weights_) : DType::float32;

  auto& calls = workspace.sequences();
  for (const auto& sequence : sequences) {
    kernels::AttentionSequence call{.q = queries.row(sequence.first_row),
                                    .k = keys.row(sequence.first_row),
                                    .v = values.row(sequence.first_row),
                                    .out = mixed.row(sequence.first_row),
                                    .queries = sequence.rows,
                                    .keys = sequence.rows,
                                    .first_position = sequence.position};
    if (cached) {
      const size_t row_bytes = static_cast<size_t>(kv_width) * size_of(type);
      for (int64_t i = 0; i < sequence.rows; ++i) {
        const size_t at = static_cast<size_t>(sequence.position + i) * row_bytes;
        kernels::convert(keys.row(sequence.first_row + i), kv_width, type, sequence.keys + at);
        kernels::convert(values.row(sequence.first_row + i), kv_width, type, sequence.values + at);
      }
      call.k = sequence.keys;
      call.v = sequence.values;
      call.keys = sequence.position + sequence.rows;
    }
    calls.push_back(call);
  }
  kernels::attention({.heads = static_cast<int>(options_.heads),
                      .kv_heads = static_cast<int>(options_.kv_heads),
                      .head_dim = static_cast<int>(options_.head_dim),
                      .q_stride = queries.stride,
                      .kv_stride = cached ? static_cast<size_t>(kv_width) : keys.stride,
                      .out_stride = mixed.stride,
                      .scale = options_.scale,
                      .causal = options_.causal,
                      .kv_type = type,
                      .precision = attention_precision(weights_)},
                     calls);
}

}  // namespace millrace
