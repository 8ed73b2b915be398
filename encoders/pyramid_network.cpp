#include "encoders/pyramid_network.h"

#include <algorithm>

#include "base/error.h"
#include "encoders/pyramid_settings.h"
#include "encoders/segmentation_head.h"
#include "models/layers/picture_positions.h"
#include "models/layers/pooling.h"
#include "models/layers/token_line.h"

namespace millrace {
namespace {

std::optional<PictureNorm> norm_in(const Settings& settings, const WeightScope& scope, int64_t width,
                                   std::string_view epsilon_name = "norm_epsilon") {
  if (!scope.has("weight")) return std::nullopt;
  return PictureNorm(scope, width, picture_norm_kind(settings), epsilon_setting(settings, epsilon_name));
}

// The convolution that begins a stage, or leads to it.
std::optional<Convolution> entry_in(const Settings& settings, const WeightScope& scope, int64_t width,
                                    int64_t stage) {
  if (!scope.has("weight")) return std::nullopt;
  const Shape shape = scope.shape("weight");
  const int64_t kernel = shape.size() == 4 ? std::max<int64_t>(shape[2], 1) : 1;
  return Convolution(scope, {.inputs = width,
                             .stride = entry_stride(settings, stage, kernel),
                             .padding = entry_padding(settings, stage)});
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
    : channels_(settings.size("channels")),
      multiple_(settings.size("filled_to", 1)),
      width_(channels_),
      summary_(summary_of(settings)),
      flat_(settings.flag("flat", false)) {
  const auto is_stage = [&](int64_t i) {
    const auto scope = weights.at("stages", i);
    return scope.has("entry.weight") || scope.at("layers", 0).has("up.weight");
  };
  for (int64_t i = 0; is_stage(i); ++i) add_stage(settings, weights.at("stages", i), i);
  if (stages_.empty())
    fail_at(ErrorKind::model, weights.place("stages.0.entry.weight"), "the model has no stages");
  final_norm_ = norm_in(settings, weights.at("final_norm"), width_, "final_norm_epsilon");
  if (flat_ && has_segmentation_head(weights))
    fail_at(ErrorKind::model, settings.where("flat"), "a model that segments needs maps of all stages");
}

void PyramidNetwork::add_stage(const Settings& settings, const WeightScope& scope, int64_t number) {
  Stage stage;
  stage.entry_input_norm = norm_in(settings, scope.at("entry_input_norm"), width_, "entry_norm_epsilon");
  stage.entry = entry_in(settings, scope.at("entry"), width_, number);
  if (stage.entry) width_ = stage.entry->outputs();
  stage.entry_norm = norm_in(settings, scope.at("entry_norm"), width_, "entry_norm_epsilon");
  if (scope.has("class_token")) stage.class_token = rows_of_weight(scope, "class_token", width_);
  if (scope.has("positions")) stage.positions = rows_of_weight(scope, "positions", width_);
  stage.norm = norm_in(settings, scope.at("norm"), width_);
  add_layers(settings, scope, number, stage);
  stage.map_norm = norm_in(settings, scope.at("map_norm"), width_, "entry_norm_epsilon");
  some_map_norms_ |= stage.map_norm.has_value();
  stage.map_width = width_;
  if (PatchMerging::in(scope.at("merging"))) {
    stage.merging.emplace(scope.at("merging"), width_, epsilon_setting(settings, "entry_norm_epsilon"));
    width_ = stage.merging->outputs();
  }
  stage.exit = entry_in(settings, scope.at("exit"), width_, number + 1);
  if (stage.exit) width_ = stage.exit->outputs();
  stage.exit_norm = norm_in(settings, scope.at("exit_norm"), width_, "entry_norm_epsilon");
  stages_.push_back(std::move(stage));
}

void PyramidNetwork::add_layers(const Settings& settings, const WeightScope& scope, int64_t number,
                                Stage& stage) const {
  auto options = pyramid_layer_options(settings, number, width_);
  const int64_t shift = options.window.shift;
  for (int64_t i = 0; scope.at("layers", i).has("up.weight"); ++i) {
    options.window.shift = i % 2 * shift;
    stage.layers.emplace_back(scope.at("layers", i), options);
  }
}

Tensor PyramidNetwork::summarise(const FeatureMap& map, Workspace& workspace) const {
  Tensor summary(DType::float32, {map.images, width_});
  const Rows rows = rows_of(summary);
  FeatureMap seen = map;
  if (summary_ == Summary::mean_of_normed) {
    const FeatureMap given = map.line_width > 0 ? class_tokens_of(map, workspace) : map;
    seen = given;
    if (final_norm_) {
      seen.rows = workspace.rows(given.rows.count, width_);
      final_norm_->forward(given, seen);
    }
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
  FeatureMap map = pictures_of(given, workspace);
  if (stage.entry_input_norm) {
    map = make_feature_map(workspace, given.images, given.height, given.width, given.channels());
    stage.entry_input_norm->forward(given, map);
  }
  if (stage.entry) map = stage.entry->forward(map, workspace);
  if (stage.entry_norm) stage.entry_norm->forward(map, map);
  if (!stage.class_token.empty()) map = line_behind(stage.class_token, map, workspace);
  if (!stage.positions.empty()) add_positions(stage, map);
  return map;
}

template <class Seen>
FeatureMap PyramidNetwork::run(const Tensor& pixel_values, Workspace& workspace, const Seen& seen) const {
  check_pixel_values(pixel_values, channels_);
  FeatureMap map =
      filled(feature_map_of(pixel_values, 0, pixel_values.dim(0), workspace), multiple_, workspace);
  for (const auto& stage : stages_) {
    map = enter(stage, map, workspace);
    for (const auto& layer : stage.layers) layer.forward(map, workspace);
    if (stage.norm) stage.norm->forward(map, map);
    seen(stage, map);
    if (stage.merging) map = stage.merging->forward(map, workspace);
    if (stage.exit) map = stage.exit->forward(map, workspace);
    if (stage.exit_norm) stage.exit_norm->forward(map, map);
  }
  return map;
}

std::vector<int64_t> PyramidNetwork::map_widths() const {
  std::vector<int64_t> widths;
  for (const auto& stage : stages_)
    if (has_map(stage)) widths.push_back(stage.map_width);
  return widths;
}

std::vector<FeatureMap> PyramidNetwork::maps(const Tensor& pixel_values, Workspace& workspace) const {
  std::vector<FeatureMap> result;
  run(pixel_values, workspace, [&](const Stage& stage, const FeatureMap& map) {
    if (!has_map(stage)) return;
    const FeatureMap pictures = pictures_of(map, workspace);
    result.push_back(pictures);
    if (!stage.map_norm) return;
    result.back().rows = workspace.rows(pictures.rows.count, pictures.channels());
    stage.map_norm->forward(pictures, result.back());
  });
  return result;
}

ImageFeatures PyramidNetwork::encode(const Tensor& pixel_values) const {
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  const FeatureMap map = run(pixel_values, *workspace, [](const Stage&, const FeatureMap&) {});
  if (gives_tokens() && final_norm_) final_norm_->forward(map, map);
  Tensor summary = summarise(map, *workspace);
  Tensor states =
      gives_tokens() || flat_
          ? Tensor::from<float>({map.images, map.positions(), width_},
                                std::span(map.rows.data, static_cast<size_t>(map.rows.count * width_)))
          : tensor_of(pictures_of(map, *workspace));
  Tensor token;
  if (tells_class_token()) {
    const Rows rows = class_tokens_of(map, *workspace).rows;
    token = Tensor::from<float>({map.images, 1, width_},
                                std::span(rows.data, static_cast<size_t>(map.images * width_)));
  }
  return {.last_hidden_state = std::move(states),
          .pooler_output = pools() ? summary : Tensor(),
          .cls_token_value = std::move(token),
          .summary = summary};
}

}  // namespace millrace
