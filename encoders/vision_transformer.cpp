#include "encoders/vision_transformer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

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
  const bool needed = settings.flag("needs_" + name, false);
  if (!needed && !weights.has(name + ".weight")) return std::nullopt;
  return Norm(weights.at(name), width, norm_options(settings));
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
      pooling_(pooling_of(settings)),
      patch_embedding_(patch_embedding(weights.at("patch_embedding"), width_, channels_, patch_)),
      prefix_(tokens_in(weights, {"class_token", "distillation_token"}, width_)),
      registers_(tokens_in(weights, {"register_tokens"}, width_)),
      input_norm_(norm_in(weights, "input_norm", width_, settings)),
      norm_(norm_in(weights, "norm", width_, settings)),
      pooler_norm_(norm_in(weights, "pooler_norm", width_, settings)) {
  const PictureSize patches = {image_.height / patch_.height, image_.width / patch_.width};
  if (weights.has("positions") || weights.has("positions.weight")) {
    positions_.emplace(weights, patches, width_);
    if (positions_->tokens() != prefix_.dim(0))
      fail_at(ErrorKind::model, weights.place("positions"),
              "has {} rows, but pictures of {} x {} have {} patches behind {} tokens", positions_->rows(),
              image_.height, image_.width, patches.height * patches.width, prefix_.dim(0));
  }
  weights.has("mask_token");  // of the training alone
  if (weights.has("pooler.weight") && pooling_ == Pooling::dense)
    pooler_.emplace(weights.at("pooler"), weights.shape("pooler.weight").front(), width_);
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
  if (biases_.size() > 1 && biases_.size() != layers_.size())
    fail_at(ErrorKind::model, weights.place("layers.0.distance_bias.relative_position_bias_table"),
            "some layers have biases of scores by distance and others have none");
}

PictureSize VisionTransformer::patches_of(int64_t height, int64_t width) const {
  if (!position_filter_ && (height != image_.height || width != image_.width))
    fail(ErrorKind::input, "the model takes pictures of {} x {}, not of {} x {}", image_.height, image_.width,
         height, width);
  return {height / patch_.height, width / patch_.width};
}

// Rows of `states`: for each picture the tokens before the patches, then these.
void VisionTransformer::embed(const FeatureMap& pictures, PictureSize patches, const Rows& states,
                              Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const int64_t count = patches.height * patches.width, rows = prefix_tokens() + count;
  const FeatureMap embedded = patch_embedding_.forward(pictures, workspace);
  const Tensor positions =
      positions_ ? positions_->of(patches, position_filter_.value_or(ResampleFilter::bicubic)) : Tensor();
  for (int64_t image = 0; image < pictures.images; ++image) {
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
  }
  if (input_norm_) input_norm_->forward(states, states);
}

void VisionTransformer::run_layers(const Rows& states, int64_t images, PictureSize patches,
                                   Workspace& workspace) const {
  const int64_t rows = states.count / images;
  std::vector<SequenceRows> sequences;
  for (int64_t i = 0; i < images; ++i) sequences.push_back({.first_row = i * rows, .rows = rows});
  const bool trained_size =
      patches == PictureSize{image_.height / patch_.height, image_.width / patch_.width};
  Tensor scores;
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
  }
  if (norm_) norm_->forward(states, states);
}

Tensor VisionTransformer::pool(const Tensor& states, const Rows& state_rows, Workspace& workspace) const {
  const int64_t images = states.dim(0), rows = states.dim(1), before = prefix_tokens();
  Tensor pooled(DType::float32, {images, width_});
  const Rows all{pooled.mutable_data<float>(), images, width_, static_cast<size_t>(width_)};
  if (attention_pooling_) {
    attention_pooling_->forward(state_rows, rows, all, workspace);
    return pooled;
  }
  for (int64_t image = 0; image < images; ++image) {
    const float* from = states.data<float>() + image * rows * width_;
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
  pooler_->forward(all, {result.mutable_data<float>(), images, pooler_->outputs(),
                         static_cast<size_t>(pooler_->outputs())});
  for (float& value : std::span(result.mutable_data<float>(), static_cast<size_t>(result.count())))
    value = std::tanh(value);
  return result;
}

ImageFeatures VisionTransformer::encode(const Tensor& pixel_values) const {
  check_pixel_values(pixel_values, channels_);
  const PictureSize patches = patches_of(pixel_values.dim(2), pixel_values.dim(3));
  const int64_t images = pixel_values.dim(0), rows = prefix_tokens() + patches.height * patches.width;
  Tensor states(DType::float32, {images, rows, width_});
  const Rows all{states.mutable_data<float>(), images * rows, width_, static_cast<size_t>(width_)};
  const auto workspace = workspaces_.take();
  const int64_t together = std::max<int64_t>(1, kRowsTogether / rows);
  for (int64_t first = 0; first < images; first += together) {
    const Workspace::Frame frame(*workspace);
    const int64_t count = std::min(together, images - first);
    const Rows some = all.slice(first * rows, count * rows);
    embed(feature_map_of(pixel_values, first, count, *workspace), patches, some, *workspace);
    run_layers(some, count, patches, *workspace);
  }
  return {.last_hidden_state = states, .pooler_output = pools() ? pool(states, all, *workspace) : Tensor()};
}

}  // namespace millrace
