#include "models/layers/block_attention.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace millrace {
namespace {

// The rows of the distances that a block has, the key farthest behind the query first.
kernels::PackedMatrix distances_in(const WeightScope& scope, int64_t head_dim, int64_t block) {
  const Tensor all = scope.get_any("weight", 2).to_float32();
  const int64_t longest = (all.dim(0) - 1) / 2;
  if (all.dim(0) % 2 == 0 || all.dim(1) != head_dim || longest < block - 1)
    fail_at(ErrorKind::model, scope.place("weight"),
            "has shape {}, but blocks of {} rows need [2 n + 1, {}], n at least {}", to_string(all.shape()),
            block, head_dim, block - 1);
  Tensor used(DType::float32, {2 * block - 1, head_dim});
  for (int64_t i = 0; i < used.dim(0); ++i)  // query - key = block - 1 - i after reversal
    std::copy_n(all.data<float>() + (longest + (block - 1) - i) * head_dim, head_dim,
                used.mutable_data<float>() + i * head_dim);
  return kernels::pack_matrix(used, kernels::WeightType::float32);
}

}  // namespace

BlockAttention::BlockAttention(const WeightScope& scope, const AttentionOptions& options, int64_t block)
    : options_(options),
      block_(block),
      query_(scope.at("query"), options.query_width(), options.width),
      key_value_(scope.at("key_value"), 2 * options.kv_width(), options.width),
      output_(scope.at("output"), options.width, options.query_width()),
      distances_(distances_in(scope.at("distances"), options.head_dim, block)),
      weights_(scope.type()) {}

void BlockAttention::forward(const Rows& x, int64_t length, const Rows& out, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Rows queries = workspace.rows(x.count, options_.query_width());
  const Rows keys_values = workspace.rows(x.count, key_value_.outputs());
  const Rows mixed = workspace.rows(x.count, options_.query_width());
  query_.forward(x, queries);
  key_value_.forward(x, keys_values);
  for (int64_t begin = 0; begin < x.count; begin += length)
    for (int64_t first = 0; first < length; first += block_) {
      const int64_t rows = std::min(block_, length - first);
      attend(queries.slice(begin + first, rows), keys_values.slice(begin + first, rows),
             mixed.slice(begin + first, rows), workspace);
    }
  output_.forward(mixed, out, {.residual = out.data});
}

// What the distances add to the scores of a block, [heads, rows, rows].
const float* BlockAttention::distance_scores(const Rows& queries, Workspace& workspace) const {
  const int64_t rows = queries.count, dim = options_.head_dim;
  const Rows scores = workspace.rows(options_.heads * rows, rows);
  const Workspace::Frame frame(workspace);
  const Rows products = workspace.rows(rows, 2 * block_ - 1);
  for (int64_t head = 0; head < options_.heads; ++head) {
    const Rows part = queries.columns(head * dim, dim);
    kernels::matmul(distances_, {.a = part.data,
                                 .a_stride = part.stride,
                                 .rows = rows,
                                 .c = products.data,
                                 .c_stride = products.stride});
    for (int64_t query = 0; query < rows; ++query) {
      const float* from = products.row(query) + block_ - 1 - query;
      float* to = scores.row(head * rows + query);
      for (int64_t key = 0; key < rows; ++key) to[key] = from[key] * options_.scale;
    }
  }
  return scores.data;
}

void BlockAttention::attend(const Rows& queries, const Rows& keys_values, const Rows& mixed,
                            Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const std::array call = {kernels::AttentionSequence{.q = queries.data,
                                                      .k = keys_values.data,
                                                      .v = keys_values.data + options_.kv_width(),
                                                      .out = mixed.data,
                                                      .queries = queries.count,
                                                      .keys = queries.count,
                                                      .mask = distance_scores(queries, workspace),
                                                      .mask_head_stride = queries.count * queries.count}};
  kernels::attention({.heads = static_cast<int>(options_.heads),
                      .kv_heads = static_cast<int>(options_.kv_heads),
                      .head_dim = static_cast<int>(options_.head_dim),
                      .q_stride = queries.stride,
                      .kv_stride = keys_values.stride,
                      .out_stride = mixed.stride,
                      .scale = options_.scale,
                      .precision = attention_precision(weights_)},
                     call);
}

}  // namespace millrace
