#include "encoders/vision_transformer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "encoders/feature_stages.h"
#include "encoders/segmentation_head.h"
#include "models/layers/activation.h"

namespace millrace {
namespace {

// Pictures are taken through the layers together up to this many rows.
constexpr int64_t kRowsTogether = 6000;

// Those of the tokens that the checkpoint has, one after the other.
Tensor tokens_in(const WeightScope& weights, std::initializer_list<std::string_view> names, int64_t width) {
  std::vector<float> rows;
  for (const auto name : names) {
    if (!weights.has(name)) continue;
    const Tensor token = rows_of_weight(weights, name, width);
    rows.insert(rows.end(), token.values<float>().begin(), token.values<float>().end());
  }
  return Tensor::from<float>({static_cast<int64_t>(rows.size()) / width, width}, rows);
}

std::optional<Norm> norm_in(const WeightScope& weights, const std::string& name, int64_t width,
                            const Settings& settings) {
  const NormOptions options = name == "norm" ? norm_options(settings, "last") : norm_options(settings);
  const bool needed = settings.flag("needs_" + name, false);
  if (!needed && !weights.has(name + ".weight")) return std::nullopt;
  return Norm(weights.at(name), width, options);
}

Convolution patch_embedding(const WeightScope& scope, int64_t width, int64_t channels, PictureSize patch) {
  if (patch.height != patch.width)
    fail_at(ErrorKind::model, scope.place("weight"), "patches of {} x {} are not supported; they are square",
            patch.height, patch.width);
  Convolution result(scope, {.inputs = channels, .stride = patch.height});
  if (result.outputs() != width || result.kernel_height() != patch.height)
    fail_at(ErrorKind::model, scope.place("weight"),
            "has {} filters of {} x {}, but the model's configuration needs {} of {} x {}", result.outputs(),
            result.kernel_height(), result.kernel_height(), width, patch.height, patch.height);
  return result;
}

}  // namespace

VisionTransformer::Pooling VisionTransformer::pooling_of(const Settings& settings) {
  const std::string name = settings.text("pooling", "none");
  if (name == "none") return Pooling::none;
  if (name == "first") return Pooling::first;
  if (name == "dense") return Pooling::dense;
  if (name == "patches") return Pooling::patches;
  if (name == "attention") return Pooling::attention;
  fail_at(ErrorKind::model, settings.where("pooling"),
          "'{}' is no pooling; there are none, first, dense, patches, attention", name);
}

std::optional<ResampleFilter> VisionTransformer::filter_of(const Settings& settings) {
  if (!settings.has("position_filter")) return std::nullopt;
  return resample_filter(settings, "position_filter");
}

VisionTransformer::VisionTransformer(const Settings& settings, const WeightScope& weights)
    : channels_(settings.size("channels")),
      width_(settings.size("width")),
      image_(picture_size(settings, "image_size")),
      patch_(picture_size(settings, "patch_size")),
      position_filter_(filter_of(settings)),
      placed_positions_(settings.flag("placed_positions", false)),
      pooling_(pooling_of(settings)),
      patch_embedding_(patch_embedding(weights.at("patch_embedding"), width_, channels_, patch_)),
      prefix_(tokens_in(weights, {"class_token", "distillation_token"}, width_)),
      registers_(tokens_in(weights, {"register_tokens"}, width_)),
      behind_(tokens_in(weights, {"detection_tokens"}, width_)),
      input_norm_(norm_in(weights, "input_norm", width_, settings)),
      norm_(norm_in(weights, "norm", width_, settings)),
      pooler_norm_(norm_in(weights, "pooler_norm", width_, settings)),
      normed_features_(settings.flag("normed_features", false)),
      feature_stages_(feature_stages(settings, settings.count("layers"))) {
  const PictureSize patches = {image_.height / patch_.height, image_.width / patch_.width};
  add_positions(settings, weights, patches);
  weights.has("mask_token");  // of the training alone
  add_pooler(settings, weights);
  const auto options = transformer_layer_options(settings, /*causal=*/false);
  if (pooling_ == Pooling::attention) attention_pooling_.emplace(weights.at("pooler"), options);
  const auto add_bias = [&](const WeightScope& scope) {
    if (!scope.has("relative_position_bias_table")) return;
    biases_.emplace_back(scope, patches.height, patches.width, options.attention.heads, prefix_.dim(0) > 0);
    scores_.push_back(biases_.back().scores(patches.height, patches.width));
  };
  add_bias(weights.at("shared_distance_bias"));
  for (int64_t i = 0, count = settings.count("layers"); i < count; ++i) {
    layers_.emplace_back(weights.at("layers", i), options);
    add_bias(weights.at("layers", i).at("distance_bias"));
  }
  add_map_layers(settings, weights);
  if (biases_.size() > 1 && biases_.size() != layers_.size())
    fail_at(ErrorKind::model, weights.place("layers.0.distance_bias.relative_position_bias_table"),
            "some layers have biases of scores by distance and others have none");
}

void VisionTransformer::add_pooler(const Settings& settings, const WeightScope& weights) {
  pooler_tanh_ = settings.text("pooler_activation", "tanh") == "tanh";
  if (!weights.has("pooler.weight") || pooling_ != Pooling::dense) return;
  pooler_.emplace(weights.at("pooler"), weights.shape("pooler.weight").front(), width_);
  if (!pooler_tanh_) pooler_activation_ = activation_setting(settings, "pooler_activation");
}

void VisionTransformer::add_map_layers(const Settings& settings, const WeightScope& weights) {
  if (!settings.has("map_layers") || !has_segmentation_head(weights)) return;
  for (const int64_t layer : settings.counts("map_layers")) {
    if (layer > std::ssize(layers_) + 1)
      fail_at(ErrorKind::model, settings.where("map_layers"), "the model has {} layers, and so no {}",
              layers_.size(), layer);
    map_layers_.push_back(layer == 0 ? std::ssize(layers_) : layer - 1);
  }
}

void VisionTransformer::add_positions(const Settings& settings, const WeightScope& weights,
                                      PictureSize patches) {
  const PicturePositions::Layout layout{
      .patches = patches,
      .before = prefix_.dim(0),
      .behind = behind_.dim(0),
      .as_square = settings.flag("square_positions", true) && position_filter_};
  const int64_t rows = layout.before + patches.height * patches.width + layout.behind;
  const auto check_rows = [&](std::string_view name, int64_t given) {
    if (given != rows)
      fail_at(ErrorKind::model, weights.place(name),
              "has {} rows, but pictures of {} x {} have {} patches beside {} tokens", given, image_.height,
              image_.width, patches.height * patches.width, layout.before + layout.behind);
  };
  const std::string_view name = weights.has("positions.weight") ? "positions.weight" : "positions";
  if (weights.has(name)) {
    Tensor values = rows_of_weight(weights, name, width_);
    check_rows(name, values.dim(0));
    positions_.emplace(std::move(values), layout);
  }
  if (!weights.has("layer_positions")) return;
  const Tensor all = weights.get_any("layer_positions", 4).to_float32();  // [layers - 1, 1, rows, width]
  if (all.dim(1) != 1 || all.dim(3) != width_ || all.dim(0) != settings.count("layers") - 1)
    fail_at(ErrorKind::model, weights.place("layer_positions"),
            "has shape {}, but the model's configuration needs [{}, 1, {}, {}]", to_string(all.shape()),
            settings.count("layers") - 1, rows, width_);
  check_rows("layer_positions", all.dim(2));
  for (int64_t i = 0; i < all.dim(0); ++i) {
    const auto values = all.values<float>().subspan(static_cast<size_t>(i * rows * width_),
                                                    static_cast<size_t>(rows * width_));
    layer_positions_.emplace_back(Tensor::from<float>({rows, width_}, values), layout);
  }
}

PictureSize VisionTransformer::patches_of(int64_t height, int64_t width) const {
  if (!position_filter_ && !placed_positions_ && (height != image_.height || width != image_.width))
    fail(ErrorKind::input, "the model takes pictures of {} x {}, not of {} x {}", image_.height, image_.width,
         height, width);
  return {height / patch_.height, width / patch_.width};
}

// Of the tokens and patches of a picture, or none.
Tensor VisionTransformer::positions_of(PictureSize patches, const PatchMask* mask) const {
  if (!positions_) return {};
  if (placed_positions_) {
    Tensor placed = positions_->at_places(patches, mask == nullptr ? patches : mask->seen);
    // Padding has the first patch's.
    float* first = placed.mutable_data<float>() + prefix_tokens() * width_;
    for (int64_t patch = 0; mask != nullptr && patch < patches.height * patches.width; ++patch)
      if (!mask->shows(patch)) std::copy_n(first, width_, first + patch * width_);
    return placed;
  }
  return positions_->of(patches, position_filter_.value_or(ResampleFilter::bicubic));
}

// Rows of `states`: for each picture the tokens before the patches, then these, then the tokens behind them.
void VisionTransformer::embed(const FeatureMap& pictures, PictureSize patches, Masks masks,
                              const Rows& states, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const int64_t count = patches.height * patches.width, rows = states.count / pictures.images;
  const FeatureMap embedded = patch_embedding_.forward(pictures, workspace);
  Tensor positions;
  for (int64_t image = 0; image < pictures.images; ++image) {
    if (image == 0 || !masks.empty())
      positions = positions_of(patches, masks.empty() ? nullptr : &masks[static_cast<size_t>(image)]);
    float* to = states.row(image * rows);
    const float* position = positions.empty() ? nullptr : positions.data<float>();
    const auto put = [&](const float* from, int64_t some, bool placed) {
      const int64_t values = some * width_;
      std::copy_n(from, values, to);
      if (placed && position != nullptr) {
        kernels::add(position, values, to);
        position += values;
      }
      to += values;
    };
    if (!prefix_.empty()) put(prefix_.data<float>(), prefix_.dim(0), true);
    if (!registers_.empty()) put(registers_.data<float>(), registers_.dim(0), false);
    put(embedded.image(image), count, true);
    if (!behind_.empty()) put(behind_.data<float>(), behind_.dim(0), true);
  }
  if (input_norm_) input_norm_->forward(states, states);
}

void VisionTransformer::run_layers(const Rows& states, int64_t images, PictureSize patches, Masks masks,
                                   const SeeStage& see, Workspace& workspace) const {
  const int64_t rows = states.count / images;
  std::vector<SequenceRows> sequences;
  for (int64_t i = 0; i < images; ++i) sequences.push_back({.first_row = i * rows, .rows = rows});
  for (size_t i = 0; i < masks.size(); ++i)
    if (!masks[i].shown.empty()) sequences[i].tokens = masks[i].shown.data();
  const bool trained_size =
      patches == PictureSize{image_.height / patch_.height, image_.width / patch_.width};
  Tensor scores;
  see(0, states);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const size_t bias = biases_.size() > 1 ? i : 0;
    if (!biases_.empty() && (i == 0 || bias > 0))
      scores = trained_size ? scores_[bias] : biases_[bias].scores(patches.height, patches.width);
    layers_[i].forward(states,
                       {.sequences = sequences,
                        .memories = {},
                        .angles = {},
                        .score_bias = scores.empty() ? nullptr : scores.data<float>()},
                       workspace);
    if (i < layer_positions_.size()) {
      const Tensor positions =
          layer_positions_[i].of(patches, position_filter_.value_or(ResampleFilter::bicubic));
      for (int64_t image = 0; image < images; ++image)
        kernels::add(positions.data<float>(), positions.count(), states.row(image * rows));
    }
    see(static_cast<int64_t>(i) + 1, states);
  }
}

// The patches of `states`.
FeatureMap VisionTransformer::map_of(const Rows& states, int64_t images, PictureSize patches,
                                     Workspace& workspace) const {
  auto map = make_feature_map(workspace, images, patches.height, patches.width, width_);
  for (int64_t image = 0; image < images; ++image)
    std::copy_n(states.row((image + 1) * (states.count / images) - map.positions()), map.positions() * width_,
                map.image(image));
  return map;
}

std::vector<FeatureMap> VisionTransformer::maps(const Tensor& pixel_values, Workspace& workspace) const {
  check_pixel_values(pixel_values, channels_);
  const PictureSize patches = patches_of(pixel_values.dim(2), pixel_values.dim(3));
  const int64_t images = pixel_values.dim(0), rows = prefix_tokens() + patches.height * patches.width;
  const Rows states = workspace.rows(images * rows, width_);
  embed(feature_map_of(pixel_values, 0, images, workspace), patches, {}, states, workspace);
  std::vector<FeatureMap> result(map_layers_.size());
  const auto see = [&](int64_t stage, const Rows&) {
    for (size_t i = 0; i < result.size(); ++i)
      if (map_layers_[i] == stage) result[i] = map_of(states, images, patches, workspace);
  };
  run_layers(states, images, patches, {}, see, workspace);
  return result;
}

Tensor VisionTransformer::pool(const Tensor& states, const Rows& state_rows, Workspace& workspace) const {
  const int64_t images = states.dim(0), rows = states.dim(1) - behind_.dim(0), before = prefix_tokens();
  Tensor pooled(DType::float32, {images, width_});
  const Rows all = rows_of(pooled);
  if (attention_pooling_) {
    attention_pooling_->forward(state_rows, rows, all, workspace);
    return pooled;
  }
  for (int64_t image = 0; image < images; ++image) {
    const float* from = states.data<float>() + image * states.dim(1) * width_;
    float* to = pooled.mutable_data<float>() + image * width_;
    if (pooling_ != Pooling::patches) {
      std::copy_n(from, width_, to);
      continue;
    }
    for (int64_t row = before; row < rows; ++row)
      for (int64_t i = 0; i < width_; ++i) to[i] += from[row * width_ + i];
    for (int64_t i = 0; i < width_; ++i) to[i] /= static_cast<float>(rows - before);
  }
  if (pooler_norm_) pooler_norm_->forward(all, all);
  if (!pooler_) return pooled;
  Tensor result(DType::float32, {images, pooler_->outputs()});
  pooler_->forward(all, rows_of(result), {.activation = pooler_activation_});
  if (!pooler_tanh_) return result;
  for (float& value : std::span(result.mutable_data<float>(), static_cast<size_t>(result.count())))
    value = std::tanh(value);
  return result;
}

// [B, tokens and patches, width].
Tensor VisionTransformer::run(const Tensor& pixel_values, Masks masks, const SeeStage& see) const {
  check_pixel_values(pixel_values, channels_);
  const PictureSize patches = patches_of(pixel_values.dim(2), pixel_values.dim(3));
  const int64_t images = pixel_values.dim(0),
                rows = prefix_tokens() + patches.height * patches.width + behind_.dim(0);
  Tensor states(DType::float32, {images, rows, width_});
  const Rows all = rows_of(states);
  const auto workspace = workspaces_.take();
  const int64_t together = std::max<int64_t>(1, kRowsTogether / rows);
  for (int64_t first = 0; first < images; first += together) {
    const Workspace::Frame frame(*workspace);
    const int64_t count = std::min(together, images - first);
    const Rows some = all.slice(first * rows, count * rows);
    const Masks theirs =
        masks.empty() ? masks : masks.subspan(static_cast<size_t>(first), static_cast<size_t>(count));
    embed(feature_map_of(pixel_values, first, count, *workspace), patches, theirs, some, *workspace);
    run_layers(some, count, patches, theirs, see, *workspace);
    if (norm_) norm_->forward(some, some);
  }
  return states;
}

ImageFeatures VisionTransformer::encode(const Tensor& pixel_values) const { return encode(pixel_values, {}); }

ImageFeatures VisionTransformer::encode(const Tensor& pixel_values, Masks masks) const {
  Tensor states = run(pixel_values, masks, [](int64_t, const Rows&) {});
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  const Rows all = rows_of(states);
  return {.last_hidden_state = states, .pooler_output = pools() ? pool(states, all, *workspace) : Tensor()};
}

std::vector<int64_t> VisionTransformer::feature_widths() const {
  return std::vector<int64_t>(feature_stages_.size(), width_);
}

std::vector<Tensor> VisionTransformer::stages(const Tensor& pixel_values,
                                              std::span<const int64_t> wanted) const {
  std::vector<std::vector<float>> values(wanted.size());
  const Tensor last = run(pixel_values, {}, [&](int64_t stage, const Rows& states) {
    for (size_t i = 0; i < wanted.size(); ++i)
      if (wanted[i] == stage)
        values[i].insert(values[i].end(), states.data, states.data + states.count * states.width);
  });
  std::vector<Tensor> result;
  for (const auto& kept : values) result.push_back(Tensor::from<float>(last.shape(), kept));
  return result;
}

std::vector<Tensor> VisionTransformer::features(const Tensor& pixel_values, size_t skipped) const {
  auto features = stages(pixel_values, std::span(feature_stages_).subspan(skipped));
  for (auto& feature : features) {
    const Rows rows = rows_of(feature);
    if (normed_features_ && norm_) norm_->forward(rows, rows);
  }
  return features;
}

}  // namespace millrace
