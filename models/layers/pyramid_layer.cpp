#include "models/layers/pyramid_layer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "kernels/parallel.h"
#include "models/layers/pooling.h"

namespace millrace {
namespace {

void check_outputs(const WeightScope& scope, const Convolution& layer, int64_t width) {
  if (layer.outputs() != width)
    fail_at(ErrorKind::model, scope.place("weight"), "has {} outputs, but the layer needs {}",
            layer.outputs(), width);
}

std::optional<Convolution> channel_filters(const WeightScope& scope, int64_t width,
                                           kernels::Activation activation) {
  if (!scope.has("weight")) return std::nullopt;
  Convolution filters(
      scope,
      {.inputs = width, .padding = {.kind = ConvolutionPadding::Kind::half}, .activation = activation});
  check_outputs(scope, filters, width);
  return filters;
}

// [1, …, width] as [width].
Tensor channel_values(const WeightScope& scope, std::string_view name, int64_t width) {
  if (!scope.has(name)) return {};
  const Shape shape = scope.shape(name);
  const Tensor values = scope.get_any(name, static_cast<int64_t>(shape.size()));
  if (values.count() != width)
    fail_at(ErrorKind::model, scope.place(name), "has shape {}, but {} channels need one value each",
            to_string(shape), width);
  return values.to_float32().reshaped({width});
}

// x += gain * y
void add(const FeatureMap& y, const Tensor& gain, const FeatureMap& x) {
  if (gain.empty()) return kernels::add(y.rows.data, y.rows.count * y.rows.width, x.rows.data);
  const float* gains = gain.data<float>();
  for (int64_t row = 0; row < x.rows.count; ++row)
    for (int64_t i = 0; i < x.rows.width; ++i) x.rows.row(row)[i] += gains[i] * y.rows.row(row)[i];
}

Tensor network_gain(const WeightScope& scope, const PyramidLayerOptions& options) {
  return channel_values(scope, "network_gain", options.width);
}

// Rows of their own for a map of the same shape.
FeatureMap alike(const FeatureMap& x, Workspace& workspace) {
  FeatureMap y = x;
  y.rows = workspace.rows(x.rows.count, x.channels());
  return y;
}

}  // namespace

PyramidLayer::PyramidLayer(const WeightScope& scope, const PyramidLayerOptions& options)
    : norm_after_(options.norm_after),
      convolution_(channel_filters(scope.at("mixer"), options.width, kernels::Activation::none)),
      mixer_(mixer_in(scope, options)),
      mixer_norm_(scope.at("mixer_norm"), options.width, options.norm, options.norm_epsilon),
      up_(scope.at("up"),
          {.inputs = options.width,
           .activation = scope.has("network_mixer.weight") ? kernels::Activation::none : options.activation}),
      down_(scope.at("down"),
            {.inputs = up_.outputs(), .gain = options.norm_after ? Tensor() : network_gain(scope, options)}),
      response_gain_(channel_values(scope, "response_norm.weight", up_.outputs())),
      response_bias_(channel_values(scope, "response_norm.bias", up_.outputs())),
      mixer_gain_(channel_values(scope, "mixer_gain", options.width)),
      network_gain_(options.norm_after ? network_gain(scope, options) : Tensor()) {
  check_outputs(scope.at("down"), down_, options.width);
  if (scope.has("network_norm.weight"))
    network_norm_.emplace(scope.at("network_norm"), options.width, options.norm, options.norm_epsilon);
  network_mixer_ = channel_filters(scope.at("network_mixer"), up_.outputs(), options.activation);
}

PyramidLayer::Mixer PyramidLayer::mixer_in(const WeightScope& scope, const PyramidLayerOptions& options) {
  const auto attention = scope.at("attention"), modulation = scope.at("modulation");
  if (WindowAttention::in(attention)) return WindowAttention(attention, options.window);
  if (SeparableAttention::in(attention)) return SeparableAttention(attention, options.width);
  if (PictureAttention::in(attention)) return PictureAttention(attention, options.attention);
  if (FocalModulation::in(modulation))
    return FocalModulation(
        modulation,
        {.width = options.width, .normalised = options.normalised, .norm_epsilon = options.norm_epsilon});
  return NeighbourPooling{options.pool_size};
}

void PyramidLayer::NeighbourPooling::forward(const FeatureMap& x, const FeatureMap& out, Workspace&) const {
  neighbour_difference(x, size, out);
}

void PyramidLayer::mix(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const {
  std::visit([&](const auto& mixer) { mixer.forward(x, out, workspace); }, mixer_);
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

// The convolution's result, normed while it lies in the cache.
void PyramidLayer::convolve(const FeatureMap& x, const FeatureMap& y, Workspace& workspace) const {
  if (!convolution_->depthwise() || !mixer_norm_.takes_positions()) {
    convolution_->forward(x, y, nullptr, workspace);
    return mixer_norm_.forward(y, y);
  }
  constexpr int64_t kFloats = 64 * 1024;
  const int64_t lines = std::clamp<int64_t>(kFloats / (x.width * x.channels()), 1, x.height);
  const int64_t blocks = (x.height + lines - 1) / lines;
  kernels::parallel_chunks(x.images * blocks, [&](int64_t chunk) {
    const kernels::ThreadAlone alone;
    const int64_t image = chunk / blocks, first = x.height * (chunk % blocks) / blocks,
                  last = x.height * (chunk % blocks + 1) / blocks;
    const FeatureMap some = y.of(image).lines(first, last - first);
    convolution_->forward_lines(x.of(image), 0, x.height, some, first);
    mixer_norm_.forward(some, some);
  });
}

// network(x) + residual, which may be out.
void PyramidLayer::run_network(const FeatureMap& x, const FeatureMap& out, const float* residual,
                               Workspace& workspace) const {
  if (!network_mixer_ && response_gain_.empty() && up_.pointwise() && down_.pointwise())
    if (const PositionBlocks blocks(x.rows.count, up_.outputs()); blocks.suit())
      return run_network(x, out, residual, blocks, workspace);
  auto inner = up_.forward(x, workspace);
  if (network_mixer_) inner = network_mixer_->forward(inner, workspace);
  if (!response_gain_.empty()) normalise_responses(inner);
  down_.forward(inner, out, residual, workspace);
}

// Some positions at a time, so that what lies between stays in the cache.
void PyramidLayer::run_network(const FeatureMap& x, const FeatureMap& out, const float* residual,
                               const PositionBlocks& blocks, Workspace& workspace) const {
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
    down_.forward_positions(inner, some,
                            residual != nullptr ? residual + (some.rows.data - out.rows.data) : nullptr);
  });
}

void PyramidLayer::forward(const FeatureMap& x, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const auto y = alike(x, workspace);
  if (convolution_) {
    convolve(x, y, workspace);
  } else {
    const auto part = alike(x, workspace);
    if (!norm_after_) mixer_norm_.forward(x, y);
    mix(norm_after_ ? x : y, part, workspace);
    if (norm_after_) mixer_norm_.forward(part, part);
    add(part, mixer_gain_, x);
    if (network_norm_ && !norm_after_) network_norm_->forward(x, y);
  }
  if (!norm_after_) return run_network(y, x, x.rows.data, workspace);
  run_network(x, y, nullptr, workspace);
  if (network_norm_) network_norm_->forward(y, y);
  add(y, network_gain_, x);
}

}  // namespace millrace
