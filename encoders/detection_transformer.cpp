#include "encoders/detection_transformer.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "models/layers/activation.h"
#include "models/layers/picture_positions.h"

namespace millrace {
namespace {

constexpr NormOptions kNorm = {.kind = NormOptions::Kind::layer, .epsilon = 1e-5f};

// The nearest pixel of the mask for each position of a feature map, as torch's interpolate chooses it.
std::vector<uint8_t> shrunk_mask(const Tensor* mask, const Tensor& pixel_values, PictureSize size) {
  const int64_t images = pixel_values.dim(0), height = pixel_values.dim(2), width = pixel_values.dim(3);
  std::vector<uint8_t> result(static_cast<size_t>(images * size.height * size.width), 1);
  if (mask == nullptr) return result;
  if (mask->shape() != Shape{images, height, width})
    fail(ErrorKind::input, "'pixel_mask' should be [{}, {}, {}], but is {}", images, height, width,
         to_string(mask->shape()));
  const Tensor values = mask->to_float32();
  const auto nearest = [](int64_t i, int64_t from, int64_t to) {
    const float scale = static_cast<float>(from) / static_cast<float>(to);
    return std::min(static_cast<int64_t>(static_cast<float>(i) * scale), from - 1);
  };
  uint8_t* to = result.data();
  for (int64_t image = 0; image < images; ++image)
    for (int64_t y = 0; y < size.height; ++y) {
      const float* line = values.data<float>() + (image * height + nearest(y, height, size.height)) * width;
      for (int64_t x = 0; x < size.width; ++x) *to++ = line[nearest(x, width, size.width)] != 0 ? 1 : 0;
    }
  return result;
}

// What is added to the scores of positions: much less than nothing for padding. Empty where there is none.
std::vector<float> hidden(std::span<const uint8_t> mask) {
  if (std::ranges::count(mask, 0) == 0) return {};
  std::vector<float> bias;
  for (const uint8_t shown : mask) bias.push_back(shown != 0 ? 0 : std::numeric_limits<float>::lowest());
  return bias;
}

}  // namespace

Convolution DetectionTransformer::projection(const Backbone& backbone, const WeightScope& scope,
                                             int64_t width) {
  Convolution result(scope, {.inputs = backbone.feature_widths().back()});
  if (result.outputs() != width || result.kernel_height() != 1)
    fail_at(ErrorKind::model, scope.place("weight"),
            "has {} filters of {} lines, but the model's configuration needs {} of one", result.outputs(),
            result.kernel_height(), width);
  return result;
}

DetectionTransformer::DetectionTransformer(std::shared_ptr<const Backbone> backbone, const Settings& settings,
                                           const WeightScope& weights)
    : backbone_(std::move(backbone)),
      width_(settings.size("width")),
      input_projection_(projection(*backbone_, weights.at("input_projection"), width_)),
      positions_(weights.at("positions"), width_, settings.flag("learned_positions", false)),
      queries_(rows_of_weight(weights, "query_positions.weight", width_)),
      encoder_(
          layers(settings.at("encoder"), weights.at("encoder"), activation_setting(settings, "activation"))),
      decoder_(
          layers(settings.at("decoder"), weights.at("decoder"), activation_setting(settings, "activation"))),
      norm_(weights.at("decoder.norm"), width_, kNorm),
      normed_layers_(settings.flag("normed_layers", false)) {}

std::vector<DetectionLayer> DetectionTransformer::layers(const Settings& settings, const WeightScope& scope,
                                                         kernels::Activation activation) const {
  const DetectionLayer::Options options{
      .attention = attention_options(settings, /*causal=*/false),
      .feed_forward = {
          .width = width_, .inner_width = settings.size("feed_forward_width"), .activation = activation}};
  std::vector<DetectionLayer> result;
  for (int64_t i = 0, count = settings.count("layers"); i < count; ++i)
    result.emplace_back(scope.at("layers", i), options);
  return result;
}

Tensor DetectionTransformer::decode(const DetectionLayer::Memory& memory, int64_t images,
                                    Workspace& workspace) const {
  Tensor states(DType::float32, {images, queries(), width_});  // of zeros
  const Rows rows = rows_of(states), positions = workspace.rows(rows.count, width_);
  for (int64_t image = 0; image < images; ++image)
    std::copy_n(queries_.data<float>(), queries_.count(), positions.row(image * queries()));
  for (const auto& layer : decoder_) {
    layer.forward(rows, positions, images, nullptr, &memory, workspace);
    if (normed_layers_) norm_.forward(rows, rows);
  }
  norm_.forward(rows, rows);
  return states;
}

QueryStates DetectionTransformer::encode(const Tensor& pixel_values, const Tensor* pixel_mask) const {
  const auto features = backbone_->features(pixel_values, backbone_->feature_widths().size() - 1);
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  const auto map = input_projection_.forward(
      feature_map_of(features.back(), 0, features.back().dim(0), *workspace), *workspace);
  const auto mask = shrunk_mask(pixel_mask, pixel_values, {map.height, map.width});
  const auto bias = hidden(mask);
  Tensor positions = positions_.of(mask, map.images, {map.height, map.width});
  Tensor encoded(DType::float32, positions.shape());
  const Rows rows = rows_of(encoded), placed = rows_of(positions);
  std::copy_n(map.rows.data, encoded.count(), rows.data);
  const float* key_bias = bias.empty() ? nullptr : bias.data();
  for (const auto& layer : encoder_) layer.forward(rows, placed, map.images, key_bias, nullptr, *workspace);
  const DetectionLayer::Memory memory{
      .states = rows, .placed = placed_rows(rows, placed, *workspace), .key_bias = key_bias};
  Tensor decoded = decode(memory, map.images, *workspace);
  return {.last_hidden_state = std::move(decoded), .encoder_last_hidden_state = std::move(encoded)};
}

}  // namespace millrace
