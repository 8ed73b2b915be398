#include "models/layers/window_attention.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/layers/continuous_position_bias.h"
#include "models/layers/relative_position_bias.h"

namespace millrace {
namespace {

// What transformers adds where positions should not see each other.
constexpr float kHidden = -100;

Linear projections(const WeightScope& scope, int64_t width) {
  return Linear(std::array{Linear::Part{scope.at("query"), width}, Linear::Part{scope.at("key"), width},
                           Linear::Part{scope.at("value"), width}},
                width);
}

// How much each head's cosines count; not without bound.
std::vector<float> cosine_scales(const WeightScope& scope, int64_t heads) {
  if (!scope.has("logit_scale")) return {};
  const Tensor logarithms = scope.get_float("logit_scale", {heads, 1, 1});
  std::vector<float> scales;
  for (const float logarithm : logarithms.values<float>())
    scales.push_back(std::exp(std::min(logarithm, std::log(100.f))));
  return scales;
}

Tensor distance_scores(const WeightScope& scope, const WindowAttentionOptions& options) {
  // Old checkpoints hold what the window's size tells.
  scope.has("relative_position_index"), scope.has("relative_coords_table");
  if (scope.has("logit_scale"))
    return continuous_position_bias(scope, options.window, options.trained_window, options.heads);
  return RelativePositionBias(scope, options.window, options.window, options.heads, false)
      .scores(options.window, options.window);
}

// The scores of windows whose last rows, or columns, come from the opposite edge. The biases of distance of
// Swin v2 are added to a mask that counts twice.
Tensor divided(const Tensor& scores, const WindowAttentionOptions& options, bool twice, bool rows,
               bool columns) {
  Tensor result = Tensor::from<float>(scores.shape(), scores.values<float>());
  const int64_t n = scores.dim(1), window = options.window, edge = window - options.shift;
  const auto part = [&](int64_t i) {
    return 2 * static_cast<int>(rows && i / window >= edge) + static_cast<int>(columns && i % window >= edge);
  };
  float* score = result.mutable_data<float>();
  for (int64_t head = 0; head < scores.dim(0); ++head)
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j, ++score)
        if (part(i) != part(j)) *score += twice ? 2 * kHidden : kHidden;
  return result;
}

}  // namespace

// The windows of a picture that is padded below and to the right to hold whole ones.
struct WindowAttention::Grid {
  int64_t rows = 0, columns = 0;  // of windows
  int64_t window = 0, shift = 0;

  int64_t windows() const { return rows * columns; }
  int64_t positions() const { return window * window; }
  // Where position `i` of a window comes from.
  int64_t y(int64_t number, int64_t i) const {
    return (number / columns * window + i / window + shift) % (rows * window);
  }
  int64_t x(int64_t number, int64_t i) const {
    return (number % columns * window + i % window + shift) % (columns * window);
  }
  size_t kind(int64_t number) const {
    if (shift == 0) return 0;
    return static_cast<size_t>(number / columns == rows - 1) +
           2 * static_cast<size_t>(number % columns == columns - 1);
  }
};

WindowAttention::WindowAttention(const WeightScope& scope, const WindowAttentionOptions& options)
    : options_(options),
      query_key_value_(projections(scope, options.width)),
      output_(scope.at("output"), options.width, options.width),
      cosine_scales_(cosine_scales(scope, options.heads)) {
  scores_[0] = distance_scores(scope, options);
  if (options.shift == 0) return;
  const bool twice = !cosine_scales_.empty();
  scores_[1] = divided(scores_[0], options, twice, true, false);
  scores_[2] = divided(scores_[0], options, twice, false, true);
  scores_[3] = divided(scores_[0], options, twice, true, true);
}

WindowAttention::Grid WindowAttention::grid_of(const FeatureMap& x) const {
  const int64_t window = options_.window, least = std::min(x.height, x.width);
  if (least < window && !options_.fixed)
    fail(ErrorKind::input, "{} x {} positions are left of the picture, but a window has {} x {}", x.height,
         x.width, window, window);
  return {.rows = (x.height + window - 1) / window,
          .columns = (x.width + window - 1) / window,
          .window = window,
          .shift = least == window && !options_.fixed ? 0 : options_.shift};
}

// Each head to length 1, and queries scaled.
void WindowAttention::normalise(const Rows& queries, const Rows& keys) const {
  const int64_t head_dim = options_.width / options_.heads;
  const auto scale = [&](float* head, float to) {
    double squares = 0;
    for (int64_t i = 0; i < head_dim; ++i)
      squares += static_cast<double>(head[i]) * static_cast<double>(head[i]);
    const float factor = to / std::max(static_cast<float>(std::sqrt(squares)), 1e-12f);
    for (int64_t i = 0; i < head_dim; ++i) head[i] *= factor;
  };
  for (int64_t row = 0; row < queries.count; ++row)
    for (int64_t head = 0; head < options_.heads; ++head) {
      scale(queries.row(row) + head * head_dim, cosine_scales_[static_cast<size_t>(head)]);
      scale(keys.row(row) + head * head_dim, 1);
    }
}

// windows = output(attention(windows)).
void WindowAttention::attend(const Rows& windows, const Grid& grid, Workspace& workspace) const {
  const int64_t n = grid.positions(), width = options_.width;
  const Rows projected = workspace.rows(windows.count, 3 * width),
             mixed = workspace.rows(windows.count, width);
  query_key_value_.forward(windows, projected);
  if (!cosine_scales_.empty()) normalise(projected.columns(0, width), projected.columns(width, width));
  auto& calls = workspace.sequences();
  for (int64_t i = 0; i < windows.count / n; ++i) {
    const Tensor& scores = scores_[grid.kind(i % grid.windows())];
    calls.push_back({.q = projected.row(i * n),
                     .k = projected.row(i * n) + width,
                     .v = projected.row(i * n) + 2 * width,
                     .out = mixed.row(i * n),
                     .queries = n,
                     .keys = n,
                     .mask = scores.data<float>(),
                     .mask_head_stride = n * n});
  }
  const int64_t head_dim = width / options_.heads;
  kernels::attention({.heads = static_cast<int>(options_.heads),
                      .kv_heads = static_cast<int>(options_.heads),
                      .head_dim = static_cast<int>(head_dim),
                      .q_stride = projected.stride,
                      .kv_stride = projected.stride,
                      .out_stride = mixed.stride,
                      .scale = cosine_scales_.empty() ? 1 / std::sqrt(static_cast<float>(head_dim)) : 1},
                     calls);
  output_.forward(mixed, windows);
}

void WindowAttention::forward(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Grid grid = grid_of(x);
  const int64_t n = grid.positions(), width = options_.width;
  const Rows windows = workspace.rows(x.images * grid.windows() * n, width);
  // body(row of `windows`, row of the picture), -1 for padding.
  const auto each_row = [&](const auto& body) {
    int64_t row = 0;
    for (int64_t image = 0; image < x.images; ++image)
      for (int64_t number = 0; number < grid.windows(); ++number)
        for (int64_t i = 0; i < n; ++i, ++row) {
          const int64_t y = grid.y(number, i), column = grid.x(number, i);
          body(row, y < x.height && column < x.width ? (image * x.height + y) * x.width + column : -1);
        }
  };
  each_row([&](int64_t row, int64_t from) {
    if (from < 0)
      std::fill_n(windows.row(row), width, 0.f);
    else
      std::copy_n(x.rows.row(from), width, windows.row(row));
  });
  attend(windows, grid, workspace);
  each_row([&](int64_t row, int64_t to) {
    if (to >= 0) std::copy_n(windows.row(row), width, out.rows.row(to));
  });
}

}  // namespace millrace
