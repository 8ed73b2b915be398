#include "encoders/feature_reassembly.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/layers/activation.h"

namespace millrace {
namespace {

constexpr double kLargestFactor = 64;

kernels::Activation activation_of(const Settings& settings) {
  return settings.has("readout_activation") ? activation_setting(settings, "readout_activation")
                                            : kernels::Activation::gelu;
}

}  // namespace

FeatureReassembly::Readout FeatureReassembly::readout_of(const Settings& settings) {
  const std::string name = settings.text("readout", "ignore");
  if (name == "ignore") return Readout::ignore;
  if (name == "add") return Readout::add;
  if (name == "project") return Readout::project;
  fail_at(ErrorKind::model, settings.where("readout"), "'{}' is unknown; there are ignore, add and project",
          name);
}

FeatureReassembly::FeatureReassembly(const Settings& settings, const WeightScope& weights,
                                     const std::vector<int64_t>& widths, std::optional<PictureSize> patch)
    : readout_(readout_of(settings)), readout_activation_(activation_of(settings)), patch_(patch) {
  const auto factors = settings.reals("factors");
  if (factors.size() < widths.size() || widths.empty())  // transformers cuts lists that are too long
    fail_at(ErrorKind::model, settings.where("factors"), "{} factors for {} features of the backbone",
            factors.size(), widths.size());
  for (size_t i = 0; i < widths.size(); ++i) {
    if (!(factors[i] > 0 && factors[i] <= kLargestFactor && 1 / factors[i] <= kLargestFactor) ||
        (factors[i] > 1 && factors[i] != std::floor(factors[i])))
      fail_at(ErrorKind::model, settings.where("factors"), "a factor of {} is not supported", factors[i]);
    stages_.push_back(stage(weights, static_cast<int64_t>(i), factors[i], widths[i]));
    if (stages_.back().convolution.outputs() != width())
      fail_at(ErrorKind::model, weights.at("convolutions", static_cast<int64_t>(i)).place("weight"),
              "has {} outputs and the one before {}", stages_.back().convolution.outputs(), width());
  }
}

FeatureReassembly::Stage FeatureReassembly::stage(const WeightScope& weights, int64_t number, double factor,
                                                  int64_t width) const {
  const auto scope = weights.at("layers", number);
  std::optional<Linear> readout;
  if (readout_ == Readout::project) readout.emplace(weights.at("readout", number), width, 2 * width);
  Convolution projection(scope.at("projection"), {.inputs = width});
  const int64_t channels = projection.outputs();
  constexpr ConvolutionPadding kHalf = {.kind = ConvolutionPadding::Kind::half};
  Stage result{
      .readout = std::move(readout),
      .projection = std::move(projection),
      .resize = {},
      .convolution = Convolution(weights.at("convolutions", number), {.inputs = channels, .padding = kHalf})};
  if (factor > 1)
    result.resize.emplace<TransposedConvolution>(
        scope.at("resize"), scope.at("resize_norm"),
        TransposedConvolutionOptions{.inputs = channels, .factor = static_cast<int64_t>(factor)});
  else if (factor < 1)
    result.resize.emplace<Convolution>(
        scope.at("resize"),
        ConvolutionOptions{.inputs = channels, .stride = static_cast<int64_t>(1 / factor), .padding = kHalf});
  return result;
}

PictureSize FeatureReassembly::patches_of(const Tensor& features, int64_t height, int64_t width) const {
  const int64_t count = features.dim(1) - 1;
  if (patch_) {
    const PictureSize patches{height / patch_->height, width / patch_->width};
    if (patches.height * patches.width != count)
      fail(ErrorKind::input, "{} patches of {} x {} pixels do not make a picture of {} x {}", count,
           patch_->height, patch_->width, height, width);
    return patches;
  }
  const auto side = static_cast<int64_t>(std::sqrt(static_cast<double>(count)));
  if (side * side != count)
    fail(ErrorKind::input, "the model takes square pictures, and {} x {} has {} patches", height, width,
         count);
  return {side, side};
}

// The tokens of the patches, with what the class token has to say.
FeatureMap FeatureReassembly::patches(const Stage& stage, const Tensor& features, PictureSize patches,
                                      Workspace& workspace) const {
  const int64_t images = features.dim(0), count = patches.height * patches.width, width = features.dim(2);
  const auto map = make_feature_map(workspace, images, patches.height, patches.width, width);
  const Workspace::Frame frame(workspace);
  const bool projected = readout_ == Readout::project;
  const Rows joined = workspace.rows(projected ? images * count : 0, 2 * width);
  const float* from = features.data<float>();
  for (int64_t image = 0; image < images; ++image) {
    const float* token = from;
    from += width;
    for (int64_t i = image * count; i < (image + 1) * count; ++i, from += width) {
      std::copy_n(from, width, projected ? joined.row(i) : map.rows.row(i));
      if (readout_ == Readout::add) kernels::add(token, width, map.rows.row(i));
      if (projected) std::copy_n(token, width, joined.row(i) + width);
    }
  }
  if (projected) stage.readout->forward(joined, map.rows, {.activation = readout_activation_});
  return map;
}

std::vector<FeatureMap> FeatureReassembly::forward(const std::vector<Tensor>& features, PictureSize patches,
                                                   Workspace& workspace) const {
  std::vector<FeatureMap> maps;
  for (size_t i = 0; i < stages_.size(); ++i) {
    const Stage& stage = stages_[i];
    auto map = stage.projection.forward(this->patches(stage, features[i], patches, workspace), workspace);
    if (const auto* larger = std::get_if<TransposedConvolution>(&stage.resize))
      map = larger->forward(map, workspace);
    else if (const auto* smaller = std::get_if<Convolution>(&stage.resize))
      map = smaller->forward(map, workspace);
    maps.push_back(stage.convolution.forward(map, workspace));
  }
  return maps;
}

}  // namespace millrace
