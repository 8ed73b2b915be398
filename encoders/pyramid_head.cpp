#include "encoders/pyramid_head.h"

#include "models/layers/convolutional_block.h"
#include "models/layers/resample.h"

namespace millrace {
namespace {

std::vector<Convolution> projections_of(const WeightScope& weights, std::span<const int64_t> widths) {
  std::vector<Convolution> projections;
  for (size_t i = 0; i < widths.size(); ++i)
    projections.emplace_back(weights.at("projections", static_cast<int64_t>(i)),
                             ConvolutionOptions{.inputs = widths[i]});
  return projections;
}

int64_t width_of(const std::vector<Convolution>& projections) {
  int64_t width = 0;
  for (const auto& projection : projections) width += projection.outputs();
  return width;
}

}  // namespace

PyramidHead::PyramidHead(const Settings& settings, const WeightScope& weights,
                         std::span<const int64_t> widths)
    : projections_(projections_of(weights, widths)),
      fuse_(normed_convolution(weights.at("fuse"), weights.at("fuse_norm"),
                               {.inputs = width_of(projections_), .activation = kernels::Activation::relu},
                               static_cast<float>(settings.real("segmenter_norm_epsilon", 1e-5)))),
      classifier_(weights.at("classifier"), {.inputs = fuse_.outputs()}) {}

FeatureMap PyramidHead::run(std::span<const FeatureMap> maps, Workspace& workspace) const {
  const FeatureMap& first = maps.front();
  const auto joined =
      make_feature_map(workspace, first.images, first.height, first.width, width_of(projections_));
  int64_t column = 0;  // the last map comes first
  for (size_t i = maps.size(); i-- > 0;) {
    const Workspace::Frame frame(workspace);
    copy_columns(resampled(projections_[i].forward(maps[i], workspace), first.height, first.width, workspace),
                 joined, column);
    column += projections_[i].outputs();
  }
  return classifier_.forward(fuse_.forward(joined, workspace), workspace);
}

}  // namespace millrace
