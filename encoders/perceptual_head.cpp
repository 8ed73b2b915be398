#include "encoders/perceptual_head.h"

#include "base/error.h"
#include "models/layers/convolutional_block.h"
#include "models/layers/pooling.h"
#include "models/layers/resample.h"

namespace millrace {
namespace {

Convolution convolution(const WeightScope& scope, const WeightScope& norm, int64_t inputs) {
  constexpr float kEpsilon = 1e-5f;
  return normed_convolution(scope, norm,
                            {.inputs = inputs,
                             .padding = {.kind = ConvolutionPadding::Kind::half},
                             .activation = kernels::Activation::relu},
                            kEpsilon);
}

// One for each of `inputs`, under a number.
std::vector<Convolution> convolutions(const WeightScope& weights, std::string_view name,
                                      std::string_view norm, std::span<const int64_t> inputs) {
  std::vector<Convolution> result;
  for (const int64_t width : inputs) {
    const auto i = std::ssize(result);
    result.push_back(convolution(weights.at(name, i), weights.at(norm, i), width));
  }
  return result;
}

std::vector<int64_t> outputs_of(const std::vector<Convolution>& layers) {
  std::vector<int64_t> result;
  for (const auto& layer : layers) result.push_back(layer.outputs());
  return result;
}

// All of the top's width: what is handed down is added.
void check_widths(const WeightScope& weights, const std::vector<Convolution>& laterals, int64_t width) {
  for (size_t i = 0; i < laterals.size(); ++i)
    if (laterals[i].outputs() != width)
      fail_at(ErrorKind::model, weights.place("laterals." + std::to_string(i) + ".weight"),
              "has {} outputs, but the top has {}", laterals[i].outputs(), width);
}

std::vector<int64_t> pool_scales(const Settings& settings) {
  constexpr int64_t kLargest = 256;
  auto scales = settings.sizes("pool_scales");
  for (const int64_t scale : scales)
    if (scale > kLargest)
      fail_at(ErrorKind::model, settings.where("pool_scales"), "{} is too large; at most {} is supported",
              scale, kLargest);
  return scales;
}

}  // namespace

PerceptualHead::PerceptualHead(const Settings& settings, const WeightScope& weights,
                               std::span<const int64_t> widths)
    : pool_scales_(pool_scales(settings)),
      pools_(convolutions(weights, "pools", "pool_norms",
                          std::vector<int64_t>(pool_scales_.size(), widths.back()))),
      top_(convolution(weights.at("top"), weights.at("top_norm"), top_inputs(widths.back()))),
      laterals_(convolutions(weights, "laterals", "lateral_norms", widths.first(widths.size() - 1))),
      outputs_(convolutions(weights, "outputs", "output_norms", outputs_of(laterals_))),
      joined_(convolution(weights.at("joined"), weights.at("joined_norm"), joined_inputs())),
      classifier_(weights.at("classifier"), {.inputs = joined_.outputs()}) {
  check_widths(weights, laterals_, top_.outputs());
}

int64_t PerceptualHead::top_inputs(int64_t width) const {
  for (const auto& pool : pools_) width += pool.outputs();
  return width;
}

int64_t PerceptualHead::joined_inputs() const {
  int64_t width = top_.outputs();
  for (const auto& output : outputs_) width += output.outputs();
  return width;
}

FeatureMap PerceptualHead::run_top(const FeatureMap& map, Workspace& workspace) const {
  const auto joined =
      make_feature_map(workspace, map.images, map.height, map.width, top_inputs(map.channels()));
  copy_columns(map, joined, 0);
  int64_t column = map.channels();
  for (size_t i = 0; i < pools_.size(); ++i) {
    const Workspace::Frame frame(workspace);
    const auto pooled = pools_[i].forward(mean_of_parts(map, pool_scales_[i], workspace), workspace);
    copy_columns(resampled(pooled, map.height, map.width, workspace), joined, column);
    column += pooled.channels();
  }
  return top_.forward(joined, workspace);
}

FeatureMap PerceptualHead::run(std::span<const FeatureMap> maps, Workspace& workspace) const {
  std::vector<FeatureMap> levels;
  for (size_t i = 0; i < laterals_.size(); ++i) levels.push_back(laterals_[i].forward(maps[i], workspace));
  levels.push_back(run_top(maps.back(), workspace));
  for (size_t i = levels.size() - 1; i > 0; --i) {
    const Workspace::Frame frame(workspace);
    const FeatureMap& to = levels[i - 1];
    const auto down = resampled(levels[i], to.height, to.width, workspace);
    kernels::add(down.rows.data, down.rows.count * down.channels(), to.rows.data);
  }
  for (size_t i = 0; i < outputs_.size(); ++i) levels[i] = outputs_[i].forward(levels[i], workspace);
  const FeatureMap& first = levels.front();
  const auto joined = make_feature_map(workspace, first.images, first.height, first.width, joined_inputs());
  int64_t column = 0;
  for (const FeatureMap& level : levels) {
    const Workspace::Frame frame(workspace);
    copy_columns(resampled(level, first.height, first.width, workspace), joined, column);
    column += level.channels();
  }
  return classifier_.forward(joined_.forward(joined, workspace), workspace);
}

}  // namespace millrace
