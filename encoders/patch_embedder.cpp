#include "encoders/patch_embedder.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

std::vector<int64_t> stages_of(const Settings& settings, int64_t layers) {
  constexpr std::string_view kName = "feature_layers";
  if (!settings.has(kName)) return {};
  std::vector<int64_t> stages;
  const auto given = settings.is_list(kName) ? settings.reals(kName) : std::vector{settings.real(kName)};
  if (settings.flag("normed_last", false) && given == std::vector{-1.}) return {};
  for (const double layer : given) {
    if (layer != std::floor(layer) || layer < -static_cast<double>(layers + 1) ||
        layer > static_cast<double>(layers))
      fail_at(ErrorKind::model, settings.where(kName), "the encoder has {} layers, and so no {}", layers,
              layer);
    stages.push_back(static_cast<int64_t>(layer) + (layer < 0 ? layers + 1 : 0));
  }
  if (stages.empty()) fail_at(ErrorKind::model, settings.where(kName), "at least one layer was expected");
  return stages;
}

// [n, rows, width] of each, to [n, rows - skipped, all widths].
Tensor side_by_side(const std::vector<Tensor>& states, int64_t skipped) {
  const int64_t pictures = states.front().dim(0), rows = states.front().dim(1), width = states.front().dim(2);
  Tensor result(DType::float32, {pictures, rows - skipped, width * std::ssize(states)});
  float* to = result.mutable_data<float>();
  for (int64_t picture = 0; picture < pictures; ++picture)
    for (int64_t row = skipped; row < rows; ++row)
      for (const auto& one : states)
        to = std::copy_n(one.data<float>() + (picture * rows + row) * width, width, to);
  return result;
}

constexpr const char* kMask = "pixel_attention_mask";

// [B, n, …] as [B n, …].
Tensor one_list(const Tensor& lists, int64_t rank, std::string_view name) {
  if (lists.rank() != rank || lists.empty())
    fail(ErrorKind::input, "'{}' should have {} dimensions, but is {}", name, rank, to_string(lists.shape()));
  Shape shape(lists.shape().begin() + 1, lists.shape().end());
  shape.front() *= lists.dim(0);
  return lists.reshaped(std::move(shape));
}

// Those of the first dimension that are wanted.
Tensor chosen(const Tensor& values, const std::vector<bool>& wanted) {
  const Tensor from = values.to_float32();
  const int64_t size = from.count() / from.dim(0);
  std::vector<float> kept;
  for (int64_t i = 0; i < from.dim(0); ++i)
    if (wanted[static_cast<size_t>(i)])
      kept.insert(kept.end(), from.data<float>() + i * size, from.data<float>() + (i + 1) * size);
  Shape shape = from.shape();
  shape.front() = std::ssize(kept) / size;
  return Tensor::from<float>(std::move(shape), kept);
}

std::vector<bool> not_empty(const Tensor& pixel_values) {
  const int64_t size = pixel_values.count() / pixel_values.dim(0);
  std::vector<bool> result;
  for (int64_t i = 0; i < pixel_values.dim(0); ++i) {
    const auto pixels =
        pixel_values.values<float>().subspan(static_cast<size_t>(i * size), static_cast<size_t>(size));
    result.push_back(std::ranges::any_of(pixels, [](float value) { return value != 0; }));
  }
  return result;
}

}  // namespace

PatchEmbedder::PatchEmbedder(const Settings& settings, const WeightScope& weights,
                             std::shared_ptr<const VisionTransformer> encoder, int64_t width)
    : encoder_(std::move(encoder)),
      stages_(stages_of(settings, encoder_->layers())),
      skipped_rows_(settings.count("skipped_rows", 0)),
      picture_lists_(settings.flag("picture_lists", false)),
      projector_(
          settings.at("projector"), weights.at("projector"),
          {.inputs = encoder_->width() * std::max<int64_t>(1, std::ssize(stages_)), .outputs = width}) {
  if (picture_lists_ &&
      (encoder_->prefix_tokens() > 0 || encoder_->detection_tokens() > 0 || !stages_.empty()))
    fail_at(ErrorKind::model, settings.where("picture_lists"),
            "pictures with padding need an encoder of patches alone, and its last states");
}

std::vector<std::string> PatchEmbedder::arguments() const {
  if (picture_lists_) return {"pixel_values", kMask};
  return {"pixel_values"};
}

std::vector<std::string> PatchEmbedder::optional_arguments() const {
  if (picture_lists_) return {kMask};
  return {};
}

Tensor PatchEmbedder::features(const Tensor& pixel_values, std::span<const PatchMask> masks) const {
  auto states = stages_.empty() ? std::vector{encoder_->encode(pixel_values, masks).last_hidden_state}
                                : encoder_->stages(pixel_values, stages_);
  if (skipped_rows_ >= states.front().dim(1))
    fail(ErrorKind::input, "'pixel_values' are of {} rows, of which {} are left out", states.front().dim(1),
         skipped_rows_);
  if (states.size() == 1 && skipped_rows_ == 0) return std::move(states.front());
  return side_by_side(states, skipped_rows_);
}

Tensor PatchEmbedder::embed(const Tensor& pixel_values) const {
  return projector_.project(features(pixel_values, {}));
}

Tensor PatchEmbedder::embed_lists(const NamedTensors& pictures) const {
  Tensor pixels = one_list(pictures.at("pixel_values"), 5, "pixel_values");
  check_pixel_values(pixels, encoder_->channels());
  const auto there = not_empty(pixels);
  if (std::ranges::find(there, true) == there.end())
    fail(ErrorKind::input, "'pixel_values' holds nothing but zeros, which stand for no picture");
  const Tensor chosen_pixels = chosen(pixels, there);
  const auto given = pictures.find(kMask);
  if (given == pictures.end()) return embed(chosen_pixels);
  const Tensor mask = one_list(given->second, 4, kMask);
  if (mask.shape() != Shape{pixels.dim(0), pixels.dim(2), pixels.dim(3)})
    fail(ErrorKind::input, "'{}' is {}, which does not fit 'pixel_values'", kMask, to_string(mask.shape()));
  const auto masks = patch_masks(chosen(mask, there), encoder_->patch_edge());
  return projector_.project(features(chosen_pixels, masks));
}

Tensor PatchEmbedder::embed(const NamedTensors& pictures) const {
  return picture_lists_ ? embed_lists(pictures) : embed(pictures.at("pixel_values"));
}

}  // namespace millrace
