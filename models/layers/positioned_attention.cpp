#include "models/layers/positioned_attention.h"

#include <algorithm>
#include <array>

namespace millrace {

PositionedAttention::PositionedAttention(const WeightScope& scope, const AttentionOptions& options,
                                         int64_t memory_width)
    : options_(options),
      query_(scope.at("query"), options.query_width(), options.width),
      key_(scope.at("key"), options.kv_width(), memory_width > 0 ? memory_width : options.width),
      value_(scope.at("value"), options.kv_width(), memory_width > 0 ? memory_width : options.width),
      output_(scope.at("output"), options.width, options.query_width()),
      weights_(scope.type()) {}

void PositionedAttention::forward(const Input& input, const Rows& out, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Rows queries = workspace.rows(input.queries.count, options_.query_width());
  const Rows keys = workspace.rows(input.keys.count, options_.kv_width());
  const Rows values = workspace.rows(input.values.count, options_.kv_width());
  const Rows mixed = workspace.rows(input.queries.count, options_.query_width());
  query_.forward(input.queries, queries);
  key_.forward(input.keys, keys);
  value_.forward(input.values, values);
  const int64_t asking = queries.count / input.images, asked = keys.count / input.images;
  // The same for all heads.
  const Rows biases = workspace.rows(input.key_bias != nullptr ? options_.heads : 0, asked);
  for (int64_t image = 0; image < input.images; ++image) {
    for (int64_t head = 0; head < biases.count; ++head)
      std::copy_n(input.key_bias + image * asked, asked, biases.row(head));
    const std::array call = {kernels::AttentionSequence{.q = queries.row(image * asking),
                                                        .k = keys.row(image * asked),
                                                        .v = values.row(image * asked),
                                                        .out = mixed.row(image * asking),
                                                        .queries = asking,
                                                        .keys = asked}};
    kernels::attention({.heads = static_cast<int>(options_.heads),
                        .kv_heads = static_cast<int>(options_.kv_heads),
                        .head_dim = static_cast<int>(options_.head_dim),
                        .q_stride = queries.stride,
                        .kv_stride = keys.stride,
                        .out_stride = mixed.stride,
                        .scale = options_.scale,
                        .key_bias = input.key_bias != nullptr ? biases.data : nullptr,
                        .key_bias_stride = biases.stride,
                        .precision = attention_precision(weights_)},
                       call);
  }
  output_.forward(mixed, out, {.residual = out.data});
}

}  // namespace millrace
