#include "models/layers/attention_pooling.h"

#include <numeric>

#include "base/error.h"
#include "models/layers/picture_positions.h"

namespace millrace {
namespace {

// Rows [first, last) of a joint projection of queries, keys and values.
Linear part_of_projection(const WeightScope& scope, int64_t width, int64_t first, int64_t last) {
  std::vector<int64_t> rows(static_cast<size_t>(last - first));
  std::iota(rows.begin(), rows.end(), first);
  return Linear(scope.at("query_key_value"), {3 * width, width}, rows);
}

Tensor projected_probe(const WeightScope& scope, int64_t width) {
  const Tensor stored = rows_of_weight(scope, "probe", width);
  if (stored.dim(0) != 1)
    fail_at(ErrorKind::model, scope.place("probe"), "{} rows are not supported, only one", stored.dim(0));
  Tensor probe = Tensor::from<float>(stored.shape(), stored.values<float>());
  Tensor query(DType::float32, {1, width});
  part_of_projection(scope.at("attention"), width, 0, width).forward(rows_of(probe), rows_of(query));
  return query;
}

}  // namespace

AttentionPooling::AttentionPooling(const WeightScope& scope, const TransformerLayerOptions& options)
    : options_(options.attention),
      query_(projected_probe(scope, options_.width)),
      key_value_(
          part_of_projection(scope.at("attention"), options_.width, options_.width, 3 * options_.width)),
      output_(scope.at("attention.output"), options_.width, options_.width),
      norm_(scope.at("norm"), options_.width, options.norm),
      network_(scope.at("feed_forward"), options.feed_forward) {}

void AttentionPooling::forward(const Rows& states, int64_t rows, const Rows& pooled,
                               Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const int64_t width = options_.width;
  const Rows projected = workspace.rows(states.count, 2 * width);
  const Rows mixed = workspace.rows(pooled.count, width), normed = workspace.rows(pooled.count, width);
  key_value_.forward(states, projected);
  auto& calls = workspace.sequences();
  for (int64_t i = 0; i < pooled.count; ++i)
    calls.push_back({.q = query_.data<float>(),
                     .k = projected.row(i * rows),
                     .v = projected.row(i * rows) + width,
                     .out = mixed.row(i),
                     .queries = 1,
                     .keys = rows});
  kernels::attention({.heads = static_cast<int>(options_.heads),
                      .kv_heads = static_cast<int>(options_.heads),
                      .head_dim = static_cast<int>(options_.head_dim),
                      .q_stride = static_cast<size_t>(width),
                      .kv_stride = projected.stride,
                      .out_stride = mixed.stride,
                      .scale = options_.scale},
                     calls);
  output_.forward(mixed, pooled);
  norm_.forward(pooled, normed);
  network_.forward(normed, pooled, /*residual=*/true, workspace);
}

}  // namespace millrace
