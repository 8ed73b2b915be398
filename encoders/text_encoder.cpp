#include "encoders/text_encoder.h"

#include <algorithm>

#include "base/error.h"
#include "models/layers/positions.h"

namespace millrace {
namespace {

// Texts are taken through the layers together up to this many rows.
constexpr int64_t kRowsTogether = 6000;

std::vector<TransformerLayer> layers_in(const Settings& settings, const WeightScope& weights) {
  const auto options = transformer_layer_options(settings, settings.flag("causal", false));
  std::vector<TransformerLayer> layers;
  for (int64_t i = 0, count = settings.count("layers"); i < count; ++i)
    layers.emplace_back(weights.at("layers", i), options);
  return layers;
}

}  // namespace

TextEncoder::Pooling TextEncoder::pooling_of(const Settings& settings) {
  const std::string name = settings.text("pooling");
  if (name == "last") return Pooling::last;
  if (name == "highest") return Pooling::highest;
  if (name == "end_token") return Pooling::end_token;
  fail_at(ErrorKind::model, settings.where("pooling"),
          "'{}' is no pooling of texts; there are last, highest, end_token", name);
}

TextEncoder::TextEncoder(const Settings& settings, const WeightScope& weights)
    : width_(settings.size("width")),
      pooling_(pooling_of(settings)),
      end_token_(settings.count("end_token", 0)),
      embedding_(weights.get_float("embedding.weight", {settings.size("vocabulary"), width_})),
      positions_(position_embeddings(settings, weights, /*offset=*/0, width_)),
      layers_(layers_in(settings, weights)),
      norm_(weights.at("norm"), width_, norm_options(settings)) {
  const int64_t pooled = settings.size("pooled_width", width_);
  if (settings.flag("pooler", false)) pooler_.emplace(weights.at("pooler"), pooled, width_);
}

void TextEncoder::check(const std::vector<int32_t>& tokens) const {
  if (std::ssize(tokens) > positions())
    fail(ErrorKind::input, "{} tokens are more than the model's {} positions", tokens.size(), positions());
  for (const int32_t token : tokens)
    if (token < 0 || token >= embedding_.dim(0))
      fail(ErrorKind::input, "the token {} is not in the model's vocabulary of {}", token, embedding_.dim(0));
}

void TextEncoder::embed(const std::vector<int32_t>& tokens, const Rows& states) const {
  for (int64_t i = 0; i < states.count; ++i) {
    std::copy_n(embedding_.data<float>() + tokens[static_cast<size_t>(i)] * width_, width_, states.row(i));
    kernels::add(positions_.data<float>() + i * width_, width_, states.row(i));
  }
}

int64_t TextEncoder::pooled_row(const std::vector<int32_t>& tokens) const {
  if (pooling_ == Pooling::last) return std::ssize(tokens) - 1;
  if (pooling_ == Pooling::highest) return std::ranges::max_element(tokens) - tokens.begin();
  const auto end = std::ranges::find(tokens, end_token_);
  return end == tokens.end() ? 0 : end - tokens.begin();
}

TextFeatures TextEncoder::encode(std::span<const std::vector<int32_t>> texts,
                                 std::span<const std::vector<uint8_t>> masks) const {
  const auto count = std::ssize(texts), length = std::ssize(texts.front());
  for (const auto& tokens : texts) check(tokens);
  TextFeatures result{.last_hidden_state = Tensor(DType::float32, {count, length, width_}),
                      .pooler_output = Tensor(DType::float32, {count, pooled_width()})};
  const Rows all{result.last_hidden_state.mutable_data<float>(), count * length, width_,
                 static_cast<size_t>(width_)};
  const auto workspace = workspaces_.take();
  const int64_t together = std::max<int64_t>(1, kRowsTogether / length);
  for (int64_t first = 0; first < count; first += together) {
    std::vector<SequenceRows> sequences;
    const int64_t some = std::min(together, count - first);
    const Rows states = all.slice(first * length, some * length);
    for (int64_t i = 0; i < some; ++i) {
      const auto text = static_cast<size_t>(first + i);
      embed(texts[text], states.slice(i * length, length));
      sequences.push_back(
          {.first_row = i * length, .rows = length, .tokens = masks.empty() ? nullptr : masks[text].data()});
    }
    for (const auto& layer : layers_)
      layer.forward(states, {.sequences = sequences, .memories = {}, .angles = {}}, *workspace);
  }
  norm_.forward(all, all);

  const Workspace::Frame frame(*workspace);
  const Rows pooled{result.pooler_output.mutable_data<float>(), count, pooled_width(),
                    static_cast<size_t>(pooled_width())};
  const Rows rows = pooler_ ? (*workspace).rows(count, width_) : pooled;
  for (int64_t i = 0; i < count; ++i)
    std::copy_n(all.row(i * length + pooled_row(texts[static_cast<size_t>(i)])), width_, rows.row(i));
  if (pooler_) pooler_->forward(rows, pooled);
  return result;
}

}  // namespace millrace
