#include "models/layers/pyramid_layer.h"

#include <algorithm>
#include <cmath>

#include "kernels/parallel.h"

namespace millrace {
namespace {

std::optional<Convolution> channel_filters(const WeightScope& scope, int64_t width,
                                           kernels::Activation activation) {
  if (!scope.has("weight")) return std::nullopt;
  return Convolution(
      scope,
      {.inputs = width, .padding = {.kind = ConvolutionPadding::Kind::half}, .activation = activation});
}

// [1, …, width] as [width].
Tensor channel_values(const WeightScope& scope, std::string_view name) {
  if (!scope.has(name)) return {};
  const Shape shape = scope.shape(name);
  const Tensor values = scope.get_any(name, static_cast<int64_t>(shape.size()));
  return values.to_float32().reshaped({values.count()});
}

// x += gain * y
void add(const FeatureMap& y, const Tensor& gain, const FeatureMap& x) {
  if (gain.empty()) return kernels::add(y.rows.data, y.rows.count * y.rows.width, x.rows.data);
  const float* gains = gain.data<float>();
  for (int64_t row = 0; row < x.rows.count; ++row)
    for (int64_t i = 0; i < x.rows.width; ++i) x.rows.row(row)[i] += gains[i] * y.rows.row(row)[i];
}

FeatureMap alike(const FeatureMap& x, int64_t channels, Workspace& workspace) {
  return make_feature_map(workspace, x.images, x.height, x.width, channels);
}

}  // namespace

PyramidLayer::PyramidLayer(const WeightScope& scope, const PyramidLayerOptions& options)
    : options_(options),
      mixer_(channel_filters(scope.at("mixer"), options.width, kernels::Activation::none)),
      mixer_norm_(scope.at("mixer_norm"), options.width, options.norm, options.norm_epsilon),
      up_(scope.at("up"),
          {.inputs = options.width,
           .activation = scope.has("network_mixer.weight") ? kernels::Activation::none : options.activation}),
      down_(scope.at("down"), {.inputs = up_.outputs(), .gain = channel_values(scope, "network_gain")}),
      response_gain_(channel_values(scope, "response_norm.weight")),
      response_bias_(channel_values(scope, "response_norm.bias")),
      mixer_gain_(channel_values(scope, "mixer_gain")) {
  if (scope.has("network_norm.weight"))
    network_norm_.emplace(scope.at("network_norm"), options.width, options.norm, options.norm_epsilon);
  if (WindowAttention::in(scope.at("attention")))
    window_attention_.emplace(scope.at("attention"), WindowAttentionOptions{.width = options.width,
                                                                            .heads = options.heads,
                                                                            .window = options.window,
                                                                            .shift = options.shift});
  else
    attention_ = attention_in(scope.at("attention"), options);
  network_mixer_ = channel_filters(scope.at("network_mixer"), up_.outputs(), options.activation);
}

std::optional<PyramidLayer::Attention> PyramidLayer::attention_in(const WeightScope& scope,
                                                                  const PyramidLayerOptions& options) {
  if (!scope.has("query.weight")) return std::nullopt;
  std::optional<Convolution> reduce;
  std::optional<PictureNorm> reduce_norm;
  if (scope.has("reduce.weight")) {
    // Its filters lie side by side.
    const Shape shape = scope.shape("reduce.weight");
    reduce.emplace(scope.at("reduce"),
                   ConvolutionOptions{.inputs = options.width, .stride = shape.size() == 4 ? shape[2] : 1});
    reduce_norm.emplace(scope.at("reduce_norm"), options.width, options.norm, options.norm_epsilon);
  }
  const ConvolutionOptions plain{.inputs = options.width};
  return Attention{.reduce = std::move(reduce),
                   .reduce_norm = std::move(reduce_norm),
                   .query = Convolution(scope.at("query"), plain),
                   .key = Convolution(scope.at("key"), plain),
                   .value = Convolution(scope.at("value"), plain),
                   .output = Convolution(scope.at("output"), plain)};
}

void PyramidLayer::attend(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const {
  FeatureMap seen = x;
  if (attention_->reduce) {
    seen = attention_->reduce->forward(x, workspace);
    attention_->reduce_norm->forward(seen, seen);
  }
  const auto queries = attention_->query.forward(x, workspace),
             keys = attention_->key.forward(seen, workspace),
             values = attention_->value.forward(seen, workspace);
  const auto mixed = alike(x, queries.channels(), workspace);
  const auto heads = static_cast<int>(options_.heads);
  const int64_t width = queries.channels() / options_.heads;
  auto& calls = workspace.sequences();
  for (int64_t image = 0; image < x.images; ++image)
    calls.push_back({.q = queries.image(image),
                     .k = keys.image(image),
                     .v = values.image(image),
                     .out = mixed.rows.row(image * x.positions()),
                     .queries = x.positions(),
                     .keys = seen.positions()});
  kernels::attention({.heads = heads,
                      .kv_heads = heads,
                      .head_dim = static_cast<int>(width),
                      .q_stride = queries.rows.stride,
                      .kv_stride = keys.rows.stride,
                      .out_stride = mixed.rows.stride,
                      .scale = 1 / std::sqrt(static_cast<float>(width))},
                     calls);
  attention_->output.forward(mixed, out, nullptr, workspace);
}

// The mean of the neighbours that there are, less the position itself.
void PyramidLayer::pool(const FeatureMap& x, const FeatureMap& out) const {
  const int64_t reach = options_.pool_size / 2, channels = x.channels();
  for (int64_t image = 0; image < x.images; ++image)
    for (int64_t y = 0; y < x.height; ++y)
      for (int64_t i = 0; i < x.width; ++i) {
        float* to = out.rows.row((image * x.height + y) * x.width + i);
        std::fill_n(to, channels, 0.f);
        const int64_t top = std::max<int64_t>(y - reach, 0), bottom = std::min(y + reach + 1, x.height);
        const int64_t left = std::max<int64_t>(i - reach, 0), right = std::min(i + reach + 1, x.width);
        for (int64_t iy = top; iy < bottom; ++iy)
          for (int64_t ix = left; ix < right; ++ix) {
            const float* from = x.rows.row((image * x.height + iy) * x.width + ix);
            for (int64_t c = 0; c < channels; ++c) to[c] += from[c];
          }
        const auto count = static_cast<float>((bottom - top) * (right - left));
        const float* self = x.rows.row((image * x.height + y) * x.width + i);
        for (int64_t c = 0; c < channels; ++c) to[c] = to[c] / count - self[c];
      }
}

// Global response normalisation, in place.
void PyramidLayer::normalise_responses(const FeatureMap& x) const {
  const int64_t channels = x.channels();
  const float *gain = response_gain_.data<float>(), *bias = response_bias_.data<float>();
  std::vector<double> lengths(static_cast<size_t>(channels));
  for (int64_t image = 0; image < x.images; ++image) {
    std::ranges::fill(lengths, 0.);
    for (int64_t i = 0; i < x.positions(); ++i) {
      const float* from = x.rows.row(image * x.positions() + i);
      for (int64_t c = 0; c < channels; ++c)
        lengths[static_cast<size_t>(c)] += static_cast<double>(from[c]) * static_cast<double>(from[c]);
    }
    double mean = 0;
    for (double& length : lengths) mean += length = std::sqrt(length);
    mean = mean / static_cast<double>(channels) + 1e-6;
    for (int64_t i = 0; i < x.positions(); ++i) {
      float* value = x.rows.row(image * x.positions() + i);
      for (int64_t c = 0; c < channels; ++c) {
        const auto factor = static_cast<float>(lengths[static_cast<size_t>(c)] / mean);
        value[c] += gain[c] * (value[c] * factor) + bias[c];
      }
    }
  }
}

// The mixer's result, normed while it lies in the cache.
void PyramidLayer::convolve(const FeatureMap& x, const FeatureMap& y) const {
  constexpr int64_t kFloats = 64 * 1024;
  const int64_t lines = std::clamp<int64_t>(kFloats / (x.width * x.channels()), 1, x.height);
  const int64_t blocks = (x.height + lines - 1) / lines;
  kernels::parallel_chunks(x.images * blocks, [&](int64_t chunk) {
    const kernels::ThreadAlone alone;
    const int64_t image = chunk / blocks, first = x.height * (chunk % blocks) / blocks,
                  last = x.height * (chunk % blocks + 1) / blocks;
    const FeatureMap some = y.of(image).lines(first, last - first);
    mixer_->forward_lines(x.of(image), 0, x.height, some, first);
    mixer_norm_.forward(some, some);
  });
}

// out += network(x); out is not x.
void PyramidLayer::run_network(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const {
  if (!network_mixer_ && response_gain_.empty())
    if (const PositionBlocks blocks(x.rows.count, up_.outputs()); blocks.suit())
      return run_network(x, out, blocks, workspace);
  auto inner = up_.forward(x, workspace);
  if (network_mixer_) inner = network_mixer_->forward(inner, workspace);
  if (!response_gain_.empty()) normalise_responses(inner);
  down_.forward(inner, out, out.rows.data, workspace);
}

// Some positions at a time, so that what lies between stays in the cache.
void PyramidLayer::run_network(const FeatureMap& x, const FeatureMap& out, const PositionBlocks& blocks,
                               Workspace& workspace) const {
  const Rows room = workspace.rows(kernels::thread_count(), blocks.most() * up_.outputs());
  kernels::parallel_chunks(blocks.count(), [&](int64_t block) {
    const kernels::ThreadAlone alone;
    const auto [first, last] = blocks.of(block);
    const int64_t count = last - first, width = up_.outputs();
    const auto map = [&](const Rows& rows) { return FeatureMap{rows, 1, 1, rows.count}; };
    const FeatureMap inner =
        map({room.row(kernels::thread_index()), count, width, static_cast<size_t>(width)});
    const FeatureMap some = map(out.rows.slice(first, count));
    up_.forward_positions(map(x.rows.slice(first, count)), inner, nullptr);
    down_.forward_positions(inner, some, some.rows.data);
  });
}

void PyramidLayer::forward(const FeatureMap& x, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const auto y = alike(x, x.channels(), workspace);
  if (mixer_) {
    convolve(x, y);
  } else {
    const auto part = alike(x, x.channels(), workspace);
    mixer_norm_.forward(x, y);
    if (window_attention_)
      window_attention_->forward(y, part, workspace);
    else if (attention_)
      attend(y, part, workspace);
    else
      pool(y, part);
    add(part, mixer_gain_, x);
    if (network_norm_) network_norm_->forward(x, y);
  }
  run_network(y, x, workspace);
}

}  // namespace millrace
