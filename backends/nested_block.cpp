#include "backends/nested_block.h"

#include "backends/zero_shot_options.h"
#include "base/error.h"
#include "encoders/audio_encoder.h"
#include "encoders/conformer_embedder.h"
#include "encoders/convolutional_network.h"
#include "encoders/image_text_model.h"
#include "encoders/sound_embedder.h"

namespace millrace {
namespace {

// What the encoder's heads read, which not all of its models have.
constexpr std::string_view kHeadSettings[] = {"atrous_rates", "classify",       "pool_scales",
                                              "pooled_first", "segment_pixels", "segmenter_norm_epsilon"};

[[noreturn]] void unfit(const Settings& settings, std::string_view needed) {
  fail_at(ErrorKind::model, settings.where("block"), "the block '{}' is no {}", settings.text("block"),
          needed);
}

}  // namespace

void allow_head_settings(const Settings& settings) {
  for (const auto name : kHeadSettings) settings.has(name);
}

std::shared_ptr<const Backbone> nested_backbone(const Settings& settings, const WeightScope& weights) {
  allow_head_settings(settings);
  settings.has("square_features");
  const auto block = settings.text("block");
  if (block == "vision_transformer") return std::make_shared<const VisionTransformer>(settings, weights);
  if (block == "convolutional_network")
    return std::make_shared<const ConvolutionalNetwork>(settings, weights);
  unfit(settings, "backbone");
}

std::shared_ptr<const VisionTransformer> nested_vision_transformer(const Settings& settings,
                                                                   const WeightScope& weights) {
  allow_head_settings(settings);
  const auto block = settings.text("block");
  if (block == "vision_transformer") return std::make_shared<const VisionTransformer>(settings, weights);
  if (block != "image_text_model") unfit(settings, "vision transformer");
  zero_shot_options(settings, 0);
  auto encoder = ImageTextModel(settings, weights).image_encoder();
  if (!encoder) fail_at(ErrorKind::model, settings.where("block"), "there is no encoder of pictures");
  return encoder;
}

NestedHearing nested_hearing(const Settings& settings, const WeightScope& weights, int64_t width) {
  const Settings audio = settings.at("audio"), sound = settings.at("sound");
  const auto block = audio.text("block");
  if (block == "conformer_encoder") {
    auto encoder = std::make_shared<const ConformerEncoder>(audio, weights.at("audio"));
    const int64_t bands = encoder->bands();
    return {std::make_shared<const ConformerEmbedder>(sound, weights.at("sound"), std::move(encoder), width),
            bands};
  }
  if (block != "audio_encoder") unfit(audio, "encoder of sounds");
  auto encoder = std::make_shared<const AudioEncoder>(audio, weights.at("audio"));
  const int64_t bands = encoder->bands();
  return {std::make_shared<const SoundEmbedder>(sound, weights.at("sound"), std::move(encoder), width),
          bands};
}

std::shared_ptr<const TransformerDecoder> nested_text_decoder(const Settings& settings,
                                                              const WeightScope& weights) {
  if (settings.text("block") != "causal_decoder") unfit(settings, "causal_decoder");
  return std::make_shared<const TransformerDecoder>(settings, weights);
}

}  // namespace millrace
