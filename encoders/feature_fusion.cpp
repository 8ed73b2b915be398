#include "encoders/feature_fusion.h"

#include <algorithm>

#include "models/layers/convolutional_block.h"
#include "models/layers/resample.h"

namespace millrace {
namespace {

constexpr float kNormEpsilon = 1e-5f;

}  // namespace

FeatureFusion::Residual::Residual(const WeightScope& scope, int64_t width) {
  for (int64_t i = 0; i < 2; ++i)
    convolutions_.push_back(
        normed_convolution(scope.at("convolutions", i), scope.at("norms", i),
                           {.inputs = width,
                            .padding = {.kind = ConvolutionPadding::Kind::half},
                            .activation = i == 0 ? kernels::Activation::relu : kernels::Activation::none},
                           kNormEpsilon));
}

FeatureMap FeatureFusion::Residual::forward(const FeatureMap& x, Workspace& workspace) const {
  const auto y = make_feature_map(workspace, x.images, x.height, x.width, x.channels());
  const Workspace::Frame frame(workspace);
  const auto positive = make_feature_map(workspace, x.images, x.height, x.width, x.channels());
  std::copy_n(x.rows.data, x.rows.count * x.rows.width, positive.rows.data);
  kernels::activate(kernels::Activation::relu, positive.rows.data, positive.rows.count * positive.rows.width);
  convolutions_[1].forward(convolutions_[0].forward(positive, workspace), y, x.rows.data, workspace);
  return y;
}

FeatureFusion::FeatureFusion(const Settings& settings, const WeightScope& weights, int64_t count,
                             int64_t width)
    : fuse_to_next_(settings.flag("fuse_to_next", false)) {
  for (int64_t i = 0; i < count; ++i) {
    const auto scope = weights.at("layers", i);
    Layer layer{.first = std::nullopt,
                .second = Residual(scope.at("residual.1"), width),
                .projection = Convolution(scope.at("projection"), {.inputs = width})};
    if (i > 0)
      layer.first.emplace(scope.at("residual.0"), width);
    else
      scope.has("residual.0");
    layers_.push_back(std::move(layer));
  }
}

std::vector<FeatureMap> FeatureFusion::forward(const std::vector<FeatureMap>& maps,
                                               Workspace& workspace) const {
  std::vector<FeatureMap> sums;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const auto& layer = layers_[i];
    FeatureMap map = maps[maps.size() - 1 - i];
    if (i > 0) {
      const FeatureMap& sum = sums.back();
      if (map.height != sum.height || map.width != sum.width)
        map = resampled(map, sum.height, sum.width, workspace);
      map = layer.first->forward(map, workspace);
      kernels::add(sum.rows.data, sum.rows.count * sum.rows.width, map.rows.data);
    }
    map = layer.second.forward(map, workspace);
    const bool to_next = fuse_to_next_ && i + 1 < layers_.size();
    const FeatureMap& next = maps[to_next ? maps.size() - 2 - i : 0];
    map = resampled(map, to_next ? next.height : 2 * map.height, to_next ? next.width : 2 * map.width,
                    workspace, /*align_corners=*/true);
    sums.push_back(layer.projection.forward(map, workspace));
  }
  return sums;
}

}  // namespace millrace
