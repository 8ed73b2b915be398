#include "encoders/convolutional_network.h"

#include <algorithm>

#include "base/error.h"
#include "encoders/block_places.h"
#include "encoders/feature_stages.h"
#include "models/layers/activation.h"
#include "models/layers/pooling.h"

namespace millrace {
namespace {

ConvolutionPadding::Kind padding_of(const Settings& settings) {
  const std::string name = settings.text("padding", "half");
  if (name == "half") return ConvolutionPadding::Kind::half;
  if (name == "late") return ConvolutionPadding::Kind::late;
  if (name == "same") return ConvolutionPadding::Kind::same;
  fail_at(ErrorKind::model, settings.where("padding"), "'{}' is no padding; there are half, late and same",
          name);
}

bool takes_largest(const Settings& settings) {
  const std::string name = settings.text("pooling", "mean");
  if (name != "mean" && name != "max")
    fail_at(ErrorKind::model, settings.where("pooling"), "'{}' is no pooling; there are mean and max", name);
  return name == "max";
}

FeatureMap run_block(const auto& block, const FeatureMap& map, Workspace& workspace) {
  return std::visit([&](const auto& kind) { return kind.forward(map, workspace); }, block);
}

int64_t outputs_of(const auto& block) {
  return std::visit([](const auto& kind) { return kind.outputs(); }, block);
}

}  // namespace

ConvolutionalNetwork::ConvolutionalNetwork(const Settings& settings, const WeightScope& weights)
    : channels_(settings.size("channels")),
      width_(channels_),
      epsilon_(static_cast<float>(settings.real("batch_norm_epsilon", 1e-5))),
      activation_(activation_setting(settings, "activation")),
      stem_pool_(settings.flag("stem_pool", false)),
      pooled_map_(settings.flag("pooled_map", false)),
      largest_(takes_largest(settings)) {
  add_stem(settings, weights);
  stem_width_ = width_;
  add_blocks(settings, weights);
  map_width_ = width_;
  choose_features(settings);
  if (!weights.has("head.weight")) return;
  head_ = normed_convolution(weights.at("head"), weights.at("head_norm"),
                             {.inputs = width_, .activation = activation_}, epsilon_);
  width_ = head_->outputs();
}

void ConvolutionalNetwork::add_stem(const Settings& settings, const WeightScope& weights) {
  const auto strides = settings.sizes("stem_strides");
  const bool linear = settings.flag("stem_linear", false);
  for (size_t i = 0; i < strides.size(); ++i) {
    const auto scope = weights.at("stem", static_cast<int64_t>(i));
    if (i > 0 && !scope.has("weight")) continue;
    ConvolutionOptions options{.inputs = width_, .stride = strides[i]};
    const Shape shape = scope.shape("weight");
    if (shape.size() == 4 && shape[2] > 1) options.padding.kind = padding_of(settings);
    if (options.padding.kind == ConvolutionPadding::Kind::late && strides[i] == 1)
      options.padding.kind = ConvolutionPadding::Kind::half;
    if (!linear || i + 1 < strides.size()) options.activation = activation_;
    stem_.push_back(
        normed_convolution(scope, weights.at("stem_norms", static_cast<int64_t>(i)), options, epsilon_));
    width_ = stem_.back().outputs();
  }
}

ConvolutionalBlockOptions ConvolutionalNetwork::block_options(const Settings& settings) const {
  ConvolutionalBlockOptions options{
      .activation = activation_,
      .squeeze_activation = settings.has("squeeze_activation")
                                ? activation_setting(settings, "squeeze_activation")
                                : activation_,
      .batch_norm_epsilon = epsilon_};
  options.stride_first = settings.flag("stride_first", false);
  if (settings.has("block_activation")) options.activation = activation_setting(settings, "block_activation");
  if (settings.flag("activated_sum", false)) options.sum_activation = activation_;
  return options;
}

PatchTransformerOptions ConvolutionalNetwork::patch_options(const Settings& settings) const {
  PatchTransformerOptions options{.inputs = width_,
                                  .patch_size = settings.size("patch_size"),
                                  .cropped = settings.flag("cropped_patches", false),
                                  .activation = activation_,
                                  .batch_norm_epsilon = epsilon_};
  options.layer.activation = activation_;
  options.layer.norm = picture_norm_kind(settings);
  options.layer.norm_epsilon = static_cast<float>(settings.real("norm_epsilon", 1e-5));
  options.layer.attention.heads = settings.size("heads", 1);
  return options;
}

void ConvolutionalNetwork::add_blocks(const Settings& settings, const WeightScope& weights) {
  auto options = block_options(settings);
  const bool first_residual = settings.flag("first_residual", true);
  const auto padding = padding_of(settings);
  const auto half_blocks =
      settings.has("half_blocks") ? settings.counts("half_blocks") : std::vector<int64_t>();
  const bool has_output_stride = settings.has("output_stride");
  const int64_t output_stride = has_output_stride ? settings.size("output_stride") : 0;
  int64_t so_far = 1, dilation = 1, number = 0;
  for (const int64_t stride : settings.sizes("stem_strides")) so_far *= stride;
  if (stem_pool_) so_far *= 2;
  const auto places = block_places(settings, weights);
  for (size_t i = 0; i < places.size(); ++i) {
    const auto& place = places[i];
    options.inputs = width_;
    options.stride = place.stride;
    options.dilation = options.later_dilation = 1;
    if (so_far == output_stride) {
      options.stride = 1;
      options.dilation = dilation;
      options.later_dilation = dilation *= place.stride;
    } else {
      so_far *= place.stride;
    }
    options.residual = first_residual || place.index > 0;
    options.padding = std::ranges::count(half_blocks, number) > 0 ? ConvolutionPadding::Kind::half : padding;
    const auto stage = weights.at("stages", place.stage);
    const auto flat = weights.at("blocks", number++);
    ConvolutionalBlock block(flat.has("convolutions.1.weight") ? flat : stage.at("layers", place.index),
                             options);
    width_ = block.outputs();
    blocks_.emplace_back(std::move(block));
    stage_ends_.resize(static_cast<size_t>(place.stage) + 1);
    stage_ends_.back() = blocks_.size();
    const bool last = i + 1 == places.size() || places[i + 1].stage != place.stage;
    if (!last || !PatchTransformer::in(stage.at("patches"))) continue;
    PatchTransformer patches(stage.at("patches"), patch_options(settings));
    width_ = patches.outputs();
    blocks_.emplace_back(std::move(patches));
    stage_ends_.back() = blocks_.size();
  }
}

void ConvolutionalNetwork::choose_features(const Settings& settings) {
  for (const int64_t stage : feature_stages(settings, std::ssize(stage_ends_))) {
    const size_t end = stage > 0 ? stage_ends_[static_cast<size_t>(stage) - 1] : 0;
    feature_ends_.push_back(end);
  }
}

FeatureMap ConvolutionalNetwork::enter(const FeatureMap& pictures, Workspace& workspace) const {
  FeatureMap map = pictures;
  for (const auto& convolution : stem_) map = convolution.forward(map, workspace);
  return stem_pool_ ? max_pool(map, 3, 2, 1, workspace) : map;
}

std::vector<int64_t> ConvolutionalNetwork::feature_widths() const {
  std::vector<int64_t> widths;
  for (const size_t end : feature_ends_)
    widths.push_back(end > 0 ? outputs_of(blocks_[end - 1]) : stem_width_);
  return widths;
}

std::vector<Tensor> ConvolutionalNetwork::features(const Tensor& pixel_values, size_t skipped) const {
  check_pixel_values(pixel_values, channels_);
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  auto map = enter(feature_map_of(pixel_values, 0, pixel_values.dim(0), *workspace), *workspace);
  std::vector<Tensor> features;
  size_t done = 0;
  for (const size_t end : std::span(feature_ends_).subspan(skipped)) {
    for (; done < end; ++done) map = run_block(blocks_[done], map, *workspace);
    features.push_back(tensor_of(map));
  }
  return features;
}

std::vector<FeatureMap> ConvolutionalNetwork::maps(const Tensor& pixel_values, Workspace& workspace) const {
  check_pixel_values(pixel_values, channels_);
  auto map = enter(feature_map_of(pixel_values, 0, pixel_values.dim(0), workspace), workspace);
  for (const auto& block : blocks_) map = run_block(block, map, workspace);
  return {map};
}

ImageFeatures ConvolutionalNetwork::encode(const Tensor& pixel_values) const {
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  FeatureMap map = maps(pixel_values, *workspace).back();
  if (head_) map = head_->forward(map, *workspace);
  Tensor pooled(DType::float32, {map.images, width_});
  const Rows rows = rows_of(pooled);
  if (largest_)
    largest_over_positions(map, rows);
  else
    mean_over_positions(map, rows);
  return {.last_hidden_state = tensor_of(map),
          .pooler_output = pooled_map_ ? pooled.reshaped({map.images, width_, 1, 1}) : pooled};
}

}  // namespace millrace
