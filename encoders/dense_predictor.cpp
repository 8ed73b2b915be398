#include "encoders/dense_predictor.h"

#include <cmath>

#include "base/error.h"
#include "models/layers/convolutional_block.h"
#include "models/layers/resample.h"

namespace millrace {
namespace {

constexpr float kNormEpsilon = 1e-5f;
constexpr ConvolutionPadding kHalf = {.kind = ConvolutionPadding::Kind::half};

std::optional<PictureSize> patch_of(const Settings& backbone) {
  if (backbone.flag("square_features", false)) return std::nullopt;
  return picture_size(backbone, "patch_size");
}

}  // namespace

size_t DensePredictor::place_of(const Settings& settings, int64_t maps) {
  const double place = settings.real("feature", -1);
  const double from_first = place < 0 ? place + static_cast<double>(maps) : place;
  if (!(from_first >= 0 && from_first < static_cast<double>(maps)) || place != std::floor(place))
    fail_at(ErrorKind::model, settings.where("feature"), "there is no map {} of {}", place, maps);
  return static_cast<size_t>(from_first);
}

DensePredictor::DensePredictor(std::shared_ptr<const Backbone> backbone, const Settings& settings,
                               const WeightScope& weights)
    : backbone_(std::move(backbone)),
      labels_pixels_(weights.at("head_norms.0").has("running_var")),
      scale_(static_cast<float>(settings.real("scale", 1))),
      bounded_(settings.flag("bounded", false)),
      reassembly_(settings, weights.at("reassembly"), backbone_->feature_widths(),
                  patch_of(settings.at("backbone"))),
      fusion_(settings, weights.at("fusion"), reassembly_.count(), reassembly_.width()),
      feature_(place_of(settings, reassembly_.count())) {
  if (settings.has("patch_size")) patch_ = picture_size(settings, "patch_size");
  add_head(weights);
}

void DensePredictor::add_head(const WeightScope& weights) {
  weights.has("auxiliary_head");  // of the training alone
  int64_t width = reassembly_.width();
  if (weights.has("project.weight")) {
    project_.emplace(
        weights.at("project"),
        ConvolutionOptions{.inputs = width, .padding = kHalf, .activation = kernels::Activation::relu});
    width = project_->outputs();
  }
  const int64_t count = labels_pixels_ ? 2 : 3;
  for (int64_t i = 0; i < count; ++i) {
    ConvolutionOptions options{.inputs = width, .padding = kHalf};
    // The first of depth is linear, as resampling follows it; the last one's activation depends.
    if (i + 1 < count && (i > 0 || labels_pixels_)) options.activation = kernels::Activation::relu;
    head_.push_back(
        normed_convolution(weights.at("head", i), weights.at("head_norms", i), options, kNormEpsilon));
    width = head_.back().outputs();
  }
  if (!labels_pixels_ && width != 1)
    fail_at(ErrorKind::model, weights.place("head.2.weight"), "one depth was expected, not {} channels",
            width);
}

FeatureMap DensePredictor::estimate(const FeatureMap& map, PictureSize patches, Workspace& workspace) const {
  const auto entered = project_ ? project_->forward(map, workspace) : map;
  auto result = head_[0].forward(entered, workspace);
  const auto enlarge = [&](const FeatureMap& x) {
    const int64_t height = patch_ ? patches.height * patch_->height : 2 * x.height;
    const int64_t width = patch_ ? patches.width * patch_->width : 2 * x.width;
    return resampled(x, height, width, workspace, /*align_corners=*/true);
  };
  if (labels_pixels_) return enlarge(head_[1].forward(result, workspace));
  result = head_[2].forward(head_[1].forward(enlarge(result), workspace), workspace);
  for (float& value : std::span(result.rows.data, static_cast<size_t>(result.rows.count)))
    value = scale_ * (bounded_ ? 1 / (1 + std::exp(-value)) : std::max(value, 0.f));
  return result;
}

Tensor DensePredictor::predict(const Tensor& pixel_values) const {
  const auto features = backbone_->features(pixel_values, 0);
  const auto patches = reassembly_.patches_of(features.front(), pixel_values.dim(2), pixel_values.dim(3));
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  const auto sums = fusion_.forward(reassembly_.forward(features, patches, *workspace), *workspace);
  const Tensor result = tensor_of(estimate(sums[feature_], patches, *workspace));
  return labels_pixels_ ? result : result.reshaped({result.dim(0), result.dim(2), result.dim(3)});
}

}  // namespace millrace
