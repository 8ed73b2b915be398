#include "models/layers/separable_attention.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {

SeparableAttention::SeparableAttention(const WeightScope& scope, int64_t width)
    : width_(width),
      query_key_value_(scope.at("query_key_value"), {.inputs = width}),
      output_(scope.at("output"), {.inputs = width}) {
  const auto check = [&](std::string_view name, const Convolution& layer, int64_t outputs) {
    if (layer.outputs() != outputs || layer.kernel_height() != 1)
      fail_at(ErrorKind::model, scope.place(std::string(name) + ".weight"),
              "a matrix of {} outputs was expected, not filters of {} x {} with {}", outputs,
              layer.kernel_height(), layer.kernel_height(), layer.outputs());
  };
  check("query_key_value", query_key_value_, 1 + 2 * width);
  check("output", output_, width);
}

// One line. projected [n, 1 + 2 width], mixed [n, width], scores [1, n], summary [width].
void SeparableAttention::attend(const Rows& projected, const Rows& mixed, const Rows& scores,
                                float* summary) const {
  float* shares = scores.row(0);
  for (int64_t i = 0; i < projected.count; ++i) shares[i] = *projected.row(i);
  kernels::softmax(shares, 1, projected.count);
  std::fill_n(summary, width_, 0.f);
  for (int64_t i = 0; i < projected.count; ++i) {
    const float* key = projected.row(i) + 1;
    for (int64_t c = 0; c < width_; ++c) summary[c] += shares[i] * key[c];
  }
  for (int64_t i = 0; i < projected.count; ++i) {
    const float* value = projected.row(i) + 1 + width_;
    for (int64_t c = 0; c < width_; ++c) mixed.row(i)[c] = std::max(value[c], 0.f) * summary[c];
  }
}

void SeparableAttention::forward(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const auto projected = query_key_value_.forward(x, workspace);
  const auto mixed = make_feature_map(workspace, x.images, x.height, x.width, width_);
  const Rows scores = workspace.rows(1, x.width), summary = workspace.rows(1, width_);
  for (int64_t line = 0; line < x.images * x.height; ++line)
    attend(projected.rows.slice(line * x.width, x.width), mixed.rows.slice(line * x.width, x.width), scores,
           summary.row(0));
  output_.forward(mixed, out, nullptr, workspace);
}

}  // namespace millrace
