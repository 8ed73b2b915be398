#include "encoders/pyramid_network.h"

#include "base/error.h"
#include "models/layers/activation.h"
#include "models/layers/pooling.h"

namespace millrace {
namespace {

PictureNorm::Kind norm_kind(const Settings& settings) {
  const std::string kind = settings.text("norm", "positions");
  if (kind == "positions") return PictureNorm::Kind::positions;
  if (kind == "whole") return PictureNorm::Kind::whole;
  fail_at(ErrorKind::model, settings.where("norm"), "a norm is of 'positions' or the 'whole', not '{}'",
          kind);
}

float epsilon(const Settings& settings, std::string_view name) {
  return static_cast<float>(settings.real(name, 1e-5));
}

std::optional<PictureNorm> norm_in(const Settings& settings, const WeightScope& scope, int64_t width) {
  if (!scope.has("weight")) return std::nullopt;
  return PictureNorm(scope, width, norm_kind(settings), epsilon(settings, "norm_epsilon"));
}

ConvolutionPadding entry_padding(const Settings& settings, int64_t stage) {
  if (settings.has("paddings")) {
    const auto all = settings.counts("paddings");
    if (stage >= std::ssize(all))
      fail_at(ErrorKind::model, settings.where("paddings"), "has no number for stage {}", stage);
    return {.count = all[static_cast<size_t>(stage)]};
  }
  const std::string padding = settings.text("padding", "none");
  if (padding == "half") return {.kind = ConvolutionPadding::Kind::half};
  if (padding == "none") return {};
  fail_at(ErrorKind::model, settings.where("padding"), "'{}' is no padding; there are none and half",
          padding);
}

int64_t entry_stride(const Settings& settings, int64_t stage) {
  if (!settings.has("strides")) return stage == 0 ? settings.size("first_stride") : 2;
  const auto all = settings.sizes("strides");
  if (stage >= std::ssize(all))
    fail_at(ErrorKind::model, settings.where("strides"), "has no number for stage {}", stage);
  return all[static_cast<size_t>(stage)];
}

int64_t heads_of(const Settings& settings, int64_t stage) {
  if (!settings.has("heads")) return 1;
  const auto all = settings.sizes("heads");
  if (stage >= std::ssize(all))
    fail_at(ErrorKind::model, settings.where("heads"), "has no number for stage {}", stage);
  return all[static_cast<size_t>(stage)];
}

}  // namespace

PyramidNetwork::Summary PyramidNetwork::summary_of(const Settings& settings) {
  const std::string name = settings.text("summary");
  if (name == "mean") return Summary::mean;
  if (name == "mean_of_normed") return Summary::mean_of_normed;
  if (name == "normed_mean") return Summary::normed_mean;
  fail_at(ErrorKind::model, settings.where("summary"),
          "'{}' is unknown; there are mean, mean_of_normed and normed_mean", name);
}

PyramidNetwork::PyramidNetwork(const Settings& settings, const WeightScope& weights)
    : channels_(settings.size("channels")), width_(channels_), summary_(summary_of(settings)) {
  for (int64_t i = 0; weights.at("stages", i).has("entry.weight"); ++i)
    add_stage(settings, weights.at("stages", i), i, entry_stride(settings, i));
  if (stages_.empty())
    fail_at(ErrorKind::model, weights.place("stages.0.entry.weight"), "the model has no stages");
  if (weights.has("final_norm.weight"))
    final_norm_.emplace(weights.at("final_norm"), width_, norm_kind(settings),
                        epsilon(settings, "final_norm_epsilon"));
}

void PyramidNetwork::add_stage(const Settings& settings, const WeightScope& scope, int64_t number,
                               int64_t stride) {
  auto input_norm = norm_in(settings, scope.at("entry_input_norm"), width_);
  Convolution entry(scope.at("entry"),
                    {.inputs = width_, .stride = stride, .padding = entry_padding(settings, number)});
  width_ = entry.outputs();
  Stage stage{.entry_input_norm = std::move(input_norm),
              .entry = std::move(entry),
              .entry_norm = norm_in(settings, scope.at("entry_norm"), width_),
              .layers = {},
              .norm = norm_in(settings, scope.at("norm"), width_)};
  const PyramidLayerOptions options{.width = width_,
                                    .heads = heads_of(settings, number),
                                    .pool_size = settings.size("pool_size", 3),
                                    .activation = activation_setting(settings, "activation"),
                                    .norm = norm_kind(settings),
                                    .norm_epsilon = epsilon(settings, "norm_epsilon")};
  if (width_ % options.heads != 0)
    fail_at(ErrorKind::model, settings.where("heads"), "{} heads do not divide a width of {}", options.heads,
            width_);
  for (int64_t i = 0; scope.at("layers", i).has("up.weight"); ++i)
    stage.layers.emplace_back(scope.at("layers", i), options);
  stages_.push_back(std::move(stage));
}

Tensor PyramidNetwork::summarise(const FeatureMap& map, Workspace& workspace) const {
  Tensor summary(DType::float32, {map.images, width_});
  const Rows rows{summary.mutable_data<float>(), map.images, width_, static_cast<size_t>(width_)};
  FeatureMap seen = map;
  if (summary_ == Summary::mean_of_normed && final_norm_) {
    seen = make_feature_map(workspace, map.images, map.height, map.width, width_);
    final_norm_->forward(map, seen);
  }
  mean_over_positions(seen, rows);
  if (summary_ == Summary::normed_mean && final_norm_) {
    const FeatureMap means{rows, map.images, 1, 1};
    final_norm_->forward(means, means);
  }
  return summary;
}

ImageFeatures PyramidNetwork::encode(const Tensor& pixel_values) const {
  check_pixel_values(pixel_values, channels_);
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  FeatureMap map = feature_map_of(pixel_values, 0, pixel_values.dim(0), *workspace);
  for (const auto& stage : stages_) {
    if (stage.entry_input_norm) stage.entry_input_norm->forward(map, map);
    map = stage.entry.forward(map, *workspace);
    if (stage.entry_norm) stage.entry_norm->forward(map, map);
    for (const auto& layer : stage.layers) layer.forward(map, *workspace);
    if (stage.norm) stage.norm->forward(map, map);
  }
  Tensor summary = summarise(map, *workspace);
  return {
      .last_hidden_state = tensor_of(map), .pooler_output = pools() ? summary : Tensor(), .summary = summary};
}

}  // namespace millrace
