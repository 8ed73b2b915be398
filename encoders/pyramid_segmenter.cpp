#include "encoders/pyramid_segmenter.h"

#include <algorithm>

#include "models/layers/convolutional_block.h"
#include "models/layers/resample.h"

namespace millrace {
namespace {

std::vector<Convolution> projections_of(const PyramidNetwork& network, const WeightScope& weights) {
  std::vector<Convolution> projections;
  const auto widths = network.stage_widths();
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

// Into the columns of `to` from `column` on.
void resample_into(const FeatureMap& from, const FeatureMap& to, int64_t column, Workspace& workspace) {
  const Workspace::Frame frame(workspace);
  const int64_t channels = from.channels();
  auto resized = make_feature_map(workspace, 1, to.height, to.width, channels);
  for (int64_t image = 0; image < from.images; ++image) {
    resample({.filter = ResampleFilter::bilinear,
              .x = from.image(image),
              .height = from.height,
              .width = from.width,
              .channels = channels,
              .y = resized.rows.data,
              .out_height = to.height,
              .out_width = to.width});
    for (int64_t i = 0; i < to.positions(); ++i)
      std::copy_n(resized.rows.row(i), channels, to.rows.row(image * to.positions() + i) + column);
  }
}

}  // namespace

Convolution PyramidSegmenter::fusion(const Settings& settings, const WeightScope& weights, int64_t inputs) {
  return normed_convolution(weights.at("fuse"), weights.at("fuse_norm"),
                            {.inputs = inputs, .activation = kernels::Activation::relu},
                            static_cast<float>(settings.real("segmenter_norm_epsilon", 1e-5)));
}

PyramidSegmenter::PyramidSegmenter(std::shared_ptr<const PyramidNetwork> network, const Settings& settings,
                                   const WeightScope& weights)
    : network_(std::move(network)),
      projections_(projections_of(*network_, weights.at("segmenter"))),
      fuse_(fusion(settings, weights.at("segmenter"), width_of(projections_))),
      classifier_(weights.at("segmenter.classifier"), {.inputs = fuse_.outputs()}) {}

Tensor PyramidSegmenter::segment(const Tensor& pixel_values) const {
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  const auto stages = network_->run(pixel_values, *workspace);
  const FeatureMap& first = stages.front();
  const auto joined =
      make_feature_map(*workspace, first.images, first.height, first.width, width_of(projections_));
  int64_t column = 0;  // the last stage comes first
  for (size_t i = stages.size(); i-- > 0;) {
    const Workspace::Frame inner(*workspace);
    resample_into(projections_[i].forward(stages[i], *workspace), joined, column, *workspace);
    column += projections_[i].outputs();
  }
  return tensor_of(classifier_.forward(fuse_.forward(joined, *workspace), *workspace));
}

}  // namespace millrace
