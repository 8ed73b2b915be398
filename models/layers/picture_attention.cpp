#include "models/layers/picture_attention.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

// torch's own.
constexpr float kBatchNormEpsilon = 1e-5f;

Linear projection(const WeightScope& scope, int64_t width) { return Linear(scope, width, width); }

FeatureMap projected(const Linear& linear, const FeatureMap& x, Workspace& workspace) {
  FeatureMap y = x;
  y.rows = workspace.rows(x.rows.count, linear.outputs());
  linear.forward(x.rows, y.rows);
  return y;
}

// The filters see the picture; a class token before it stays there as it is.
FeatureMap filtered(const Convolution& filters, const FeatureMap& x, Workspace& workspace) {
  if (x.line_width == 0) return filters.forward(x, workspace);
  const int64_t width = x.line_width, height = (x.width - 1) / width;
  const int64_t rows = filters.output_height(height), columns = filters.output_width(width);
  if (rows < 1 || columns < 1)
    fail(ErrorKind::input, "{} x {} positions are left of the picture, too few for this model", height,
         width);
  auto y = make_feature_map(workspace, x.images, 1, 1 + rows * columns, x.channels());
  y.line_width = columns;
  for (int64_t image = 0; image < x.images; ++image) {
    const int64_t from = image * x.positions(), to = image * y.positions();
    std::copy_n(x.rows.row(from), x.channels(), y.rows.row(to));
    filters.forward({x.rows.slice(from + 1, height * width), 1, height, width},
                    {y.rows.slice(to + 1, rows * columns), 1, rows, columns}, nullptr, workspace);
  }
  return y;
}

}  // namespace

PictureAttention::PictureAttention(const WeightScope& scope, const PictureAttentionOptions& options)
    : options_(options),
      query_(projection(scope.at("query"), options.width)),
      key_(projection(scope.at("key"), options.width)),
      value_(projection(scope.at("value"), options.width)),
      output_(projection(scope.at("output"), options.width)),
      filters_(filters_in(scope)) {
  if (!scope.has("reduce.weight")) return;
  // Its filters lie side by side.
  const Shape shape = scope.shape("reduce.weight");
  reduce_.emplace(scope.at("reduce"),
                  ConvolutionOptions{.inputs = options.width, .stride = shape.size() == 4 ? shape[2] : 1});
  if (reduce_->outputs() != options.width)
    fail_at(ErrorKind::model, scope.place("reduce.weight"), "has {} outputs, but the layer is {} wide",
            reduce_->outputs(), options.width);
  reduce_norm_.emplace(scope.at("reduce_norm"), options.width, options.norm, options.norm_epsilon);
}

std::optional<PictureAttention::Filters> PictureAttention::filters_in(const WeightScope& scope) const {
  if (!options_.filtered) return std::nullopt;
  const auto filters = [&](std::string_view name, int64_t stride, int64_t padding) {
    Convolution result(scope.at(name), scope.at(std::string(name) + "_norm"),
                       {.inputs = options_.width,
                        .stride = stride,
                        .padding = {.count = padding},
                        .batch_norm_epsilon = kBatchNormEpsilon});
    if (result.outputs() != options_.width)
      fail_at(ErrorKind::model, scope.place(std::string(name) + ".weight"),
              "has {} outputs, but the layer is {} wide", result.outputs(), options_.width);
    return result;
  };
  return Filters{.query = filters("query_filters", options_.query_stride, options_.query_padding),
                 .key = filters("key_filters", options_.key_stride, options_.key_padding),
                 .value = filters("value_filters", options_.key_stride, options_.key_padding)};
}

void PictureAttention::forward(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  FeatureMap asking = x, seen = x, told = x;
  if (filters_) {
    asking = filtered(filters_->query, x, workspace);
    seen = filtered(filters_->key, x, workspace);
    told = filtered(filters_->value, x, workspace);
  } else if (reduce_) {
    seen = reduce_->forward(x, workspace);
    reduce_norm_->forward(seen, seen);
    told = seen;
  }
  if (asking.rows.count != x.rows.count || told.rows.count != seen.rows.count)
    fail(ErrorKind::input, "the filters make {} queries, {} keys and {} values of {} positions",
         asking.positions(), seen.positions(), told.positions(), x.positions());
  const auto queries = projected(query_, asking, workspace), keys = projected(key_, seen, workspace),
             values = projected(value_, told, workspace);
  const Rows mixed = workspace.rows(x.rows.count, options_.width);
  auto& calls = workspace.sequences();
  for (int64_t image = 0; image < x.images; ++image)
    calls.push_back({.q = queries.image(image),
                     .k = keys.image(image),
                     .v = values.image(image),
                     .out = mixed.row(image * x.positions()),
                     .queries = x.positions(),
                     .keys = seen.positions()});
  const int64_t head_dim = options_.width / options_.heads;
  kernels::attention(
      {.heads = static_cast<int>(options_.heads),
       .kv_heads = static_cast<int>(options_.heads),
       .head_dim = static_cast<int>(head_dim),
       .q_stride = queries.rows.stride,
       .kv_stride = keys.rows.stride,
       .out_stride = mixed.stride,
       .scale = 1 / std::sqrt(static_cast<float>(options_.scaled_by_width ? options_.width : head_dim))},
      calls);
  output_.forward(mixed, out.rows);
}

}  // namespace millrace
