#include "encoders/pyramid_network.h"

#include <algorithm>

#include "base/error.h"
#include "models/layers/activation.h"
#include "models/layers/picture_positions.h"
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
  return static_cast<float>(settings.real(name, settings.real("norm_epsilon", 1e-5)));
}

std::optional<PictureNorm> norm_in(const Settings& settings, const WeightScope& scope, int64_t width,
                                   std::string_view epsilon_name = "norm_epsilon") {
  if (!scope.has("weight")) return std::nullopt;
  return PictureNorm(scope, width, norm_kind(settings), epsilon(settings, epsilon_name));
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
  if (padding == "fill") return {.kind = ConvolutionPadding::Kind::fill};
  if (padding == "none") return {};
  fail_at(ErrorKind::model, settings.where("padding"), "'{}' is no padding; there are none, half and fill",
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
  if (name == "tokens") return Summary::tokens;
  if (name == "first_token") return Summary::first_token;
  fail_at(ErrorKind::model, settings.where("summary"),
          "'{}' is unknown; there are mean, mean_of_normed, normed_mean, tokens and first_token", name);
}

PyramidNetwork::PyramidNetwork(const Settings& settings, const WeightScope& weights)
    : channels_(settings.size("channels")), width_(channels_), summary_(summary_of(settings)) {
  const auto is_stage = [&](int64_t i) {
    const auto scope = weights.at("stages", i);
    return scope.has("entry.weight") || scope.at("layers", 0).has("up.weight");
  };
  for (int64_t i = 0; is_stage(i); ++i) add_stage(settings, weights.at("stages", i), i);
  if (stages_.empty())
    fail_at(ErrorKind::model, weights.place("stages.0.entry.weight"), "the model has no stages");
  if (weights.has("final_norm.weight"))
    final_norm_.emplace(weights.at("final_norm"), width_, norm_kind(settings),
                        epsilon(settings, "final_norm_epsilon"));
}

void PyramidNetwork::add_stage(const Settings& settings, const WeightScope& scope, int64_t number) {
  Stage stage;
  stage.entry_input_norm = norm_in(settings, scope.at("entry_input_norm"), width_, "entry_norm_epsilon");
  if (scope.has("entry.weight")) {
    stage.entry.emplace(scope.at("entry"), ConvolutionOptions{.inputs = width_,
                                                              .stride = entry_stride(settings, number),
                                                              .padding = entry_padding(settings, number)});
    width_ = stage.entry->outputs();
  }
  stage.entry_norm = norm_in(settings, scope.at("entry_norm"), width_, "entry_norm_epsilon");
  if (scope.has("class_token")) stage.class_token = rows_of_weight(scope, "class_token", width_);
  if (scope.has("positions")) stage.positions = rows_of_weight(scope, "positions", width_);
  stage.norm = norm_in(settings, scope.at("norm"), width_);
  add_layers(settings, scope, number, stage);
  if (PatchMerging::in(scope.at("merging"))) {
    stage.merging.emplace(scope.at("merging"), width_, epsilon(settings, "entry_norm_epsilon"));
    width_ = stage.merging->outputs();
  }
  stages_.push_back(std::move(stage));
  stage_widths_.push_back(width_);
}

void PyramidNetwork::add_layers(const Settings& settings, const WeightScope& scope, int64_t number,
                                Stage& stage) const {
  PyramidLayerOptions options{.width = width_,
                              .heads = heads_of(settings, number),
                              .pool_size = settings.size("pool_size", 3),
                              .activation = activation_setting(settings, "activation"),
                              .norm = norm_kind(settings),
                              .norm_epsilon = epsilon(settings, "norm_epsilon")};
  if (width_ % options.heads != 0)
    fail_at(ErrorKind::model, settings.where("heads"), "{} heads do not divide a width of {}", options.heads,
            width_);
  options.window = settings.size("window", 0);
  constexpr int64_t kLargestWindow = 1024;
  if (options.window > kLargestWindow)
    fail_at(ErrorKind::model, settings.where("window"), "{} is too large; at most {} is supported",
            options.window, kLargestWindow);
  for (int64_t i = 0; scope.at("layers", i).has("up.weight"); ++i) {
    options.shift = i % 2 * (options.window / 2);
    stage.layers.emplace_back(scope.at("layers", i), options);
  }
}

Tensor PyramidNetwork::summarise(const FeatureMap& map, Workspace& workspace) const {
  Tensor summary(DType::float32, {map.images, width_});
  const Rows rows{summary.mutable_data<float>(), map.images, width_, static_cast<size_t>(width_)};
  FeatureMap seen = map;
  if (summary_ == Summary::mean_of_normed && final_norm_) {
    seen = make_feature_map(workspace, map.images, map.height, map.width, width_);
    final_norm_->forward(map, seen);
  }
  if (summary_ == Summary::first_token) {
    for (int64_t image = 0; image < map.images; ++image)
      std::copy_n(map.image(image), width_, rows.row(image));
    return summary;
  }
  mean_over_positions(seen, rows);
  if (summary_ == Summary::normed_mean && final_norm_) {
    const FeatureMap means{rows, map.images, 1, 1};
    final_norm_->forward(means, means);
  }
  return summary;
}

void PyramidNetwork::add_positions(const Stage& stage, const FeatureMap& map) {
  if (map.positions() != stage.positions.dim(0))
    fail(ErrorKind::input, "the picture has {} positions in one of the stages, but the model was made for {}",
         map.positions(), stage.positions.dim(0));
  for (int64_t image = 0; image < map.images; ++image)
    kernels::add(stage.positions.data<float>(), stage.positions.count(),
                 map.rows.row(image * map.positions()));
}

FeatureMap PyramidNetwork::enter(const Stage& stage, const FeatureMap& given, Workspace& workspace) {
  FeatureMap map = given;
  if (stage.entry_input_norm) {
    map = make_feature_map(workspace, given.images, given.height, given.width, given.channels());
    stage.entry_input_norm->forward(given, map);
  }
  if (stage.entry) map = stage.entry->forward(map, workspace);
  if (stage.entry_norm) stage.entry_norm->forward(map, map);
  if (!stage.class_token.empty()) {  // in a line with the positions
    const auto line = make_feature_map(workspace, map.images, 1, map.positions() + 1, map.channels());
    for (int64_t image = 0; image < map.images; ++image) {
      float* to = std::copy_n(stage.class_token.data<float>(), map.channels(),
                              line.rows.row(image * line.positions()));
      std::copy_n(map.image(image), map.positions() * map.channels(), to);
    }
    map = line;
  }
  if (!stage.positions.empty()) add_positions(stage, map);
  return map;
}

std::vector<FeatureMap> PyramidNetwork::run(const Tensor& pixel_values, Workspace& workspace) const {
  check_pixel_values(pixel_values, channels_);
  std::vector<FeatureMap> maps;
  FeatureMap map = feature_map_of(pixel_values, 0, pixel_values.dim(0), workspace);
  for (const auto& stage : stages_) {
    map = enter(stage, map, workspace);
    for (const auto& layer : stage.layers) layer.forward(map, workspace);
    if (stage.norm) stage.norm->forward(map, map);
    if (stage.merging) map = stage.merging->forward(map, workspace);
    maps.push_back(map);
  }
  return maps;
}

ImageFeatures PyramidNetwork::encode(const Tensor& pixel_values) const {
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  const FeatureMap map = run(pixel_values, *workspace).back();
  const bool tokens = summary_ == Summary::tokens || summary_ == Summary::first_token;
  if (tokens && final_norm_) final_norm_->forward(map, map);
  Tensor summary = summarise(map, *workspace);
  Tensor states =
      tokens ? Tensor::from<float>({map.images, map.positions(), width_},
                                   std::span(map.rows.data, static_cast<size_t>(map.rows.count * width_)))
             : tensor_of(map);
  return {.last_hidden_state = std::move(states),
          .pooler_output = pools() ? summary : Tensor(),
          .summary = summary};
}

}  // namespace millrace
