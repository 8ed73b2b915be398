#include "backends/block.h"

#include <fmt/ranges.h>

#include "backends/causal_methods.h"
#include "backends/image_text_methods.h"
#include "backends/model_methods.h"
#include "backends/vision_methods.h"
#include "base/error.h"
#include "base/suggest.h"
#include "decoders/transformer_decoder.h"
#include "encoders/audio_encoder.h"
#include "encoders/convolutional_network.h"
#include "encoders/pyramid_network.h"
#include "encoders/vision_transformer.h"

namespace millrace {
namespace {

Block audio_encoder(const BlockRequest& request) {
  auto encoder = std::make_shared<AudioEncoder>(request.settings, request.weights);
  return {.methods = {audio_encoder_method(request.method, encoder)},
          .text_decoder = nullptr,
          .mel_bands = static_cast<int>(encoder->bands())};
}

Block transformer_decoder(const BlockRequest& request) {
  auto decoder = std::make_shared<TransformerDecoder>(request.settings, request.weights);
  return {.methods = {text_decoder_method(request.method, decoder)}, .text_decoder = decoder};
}

Block causal_decoder(const BlockRequest& request) {
  auto decoder = std::make_shared<TransformerDecoder>(request.settings, request.weights);
  return {.methods = causal_methods(decoder), .text_decoder = decoder};
}

template <class Encoder>
Block image_encoder(const BlockRequest& request) {
  auto encoder = std::make_shared<Encoder>(request.settings, request.weights);
  request.settings.has("classify");  // models without a head have no use for it
  std::optional<ImageClassifier> classifier;
  if (ImageClassifier::in(request.weights))
    classifier.emplace(request.settings, request.weights, encoder->width(), encoder->prefix_tokens());
  const int64_t labels = classifier ? classifier->labels() : 0;
  return {.methods = {image_encoder_method(request.method, std::move(encoder), std::move(classifier))},
          .text_decoder = nullptr,
          .takes_pictures = true,
          .labels = labels};
}

// Encoders of pictures and texts, or one of them.
Block image_text_model(const BlockRequest& request) {
  auto model = std::make_shared<const ImageTextModel>(request.settings, request.weights);
  request.settings.has("classify");
  std::optional<ImageClassifier> classifier;
  if (const auto& encoder = model->image_encoder(); encoder && ImageClassifier::in(request.weights))
    classifier.emplace(request.settings, request.weights, encoder->width(), encoder->prefix_tokens());
  const int64_t labels = classifier ? classifier->labels() : 0;
  Block block{.methods = {},
              .text_decoder = nullptr,
              .takes_pictures = model->image_encoder() != nullptr,
              .labels = labels};
  const auto zero_shot =
      zero_shot_options(request.settings, model->text_encoder() ? model->text_encoder()->positions() : 0);
  if (model->compares()) block.zero_shot = zero_shot;
  block.methods = image_text_methods(std::move(model), std::move(classifier));
  return block;
}

// With a head that labels positions, or one that labels pictures, or none.
Block pyramid_network(const BlockRequest& request) {
  request.settings.has("segmenter_norm_epsilon");
  if (!PyramidSegmenter::in(request.weights)) return image_encoder<PyramidNetwork>(request);
  request.settings.has("classify");
  auto network = std::make_shared<const PyramidNetwork>(request.settings, request.weights);
  auto segmenter =
      std::make_shared<const PyramidSegmenter>(std::move(network), request.settings, request.weights);
  return {.methods = {image_segmenter_method(request.method, std::move(segmenter))},
          .text_decoder = nullptr,
          .takes_pictures = true};
}

// A new kind of block is a line here.
constexpr std::pair<std::string_view, Block (*)(const BlockRequest&)> kBlocks[] = {
    {"audio_encoder", audio_encoder},
    {"convolutional_network", image_encoder<ConvolutionalNetwork>},
    {"causal_decoder", causal_decoder},
    {"image_text_model", image_text_model},
    {"pyramid_network", pyramid_network},
    {"transformer_decoder", transformer_decoder},
    {"vision_transformer", image_encoder<VisionTransformer>},
};

}  // namespace

Block build_block(const BlockRequest& request) {
  std::vector<std::string> known;
  for (const auto& [name, build] : kBlocks) {
    if (name == request.block) return build(request);
    known.emplace_back(name);
  }
  fail_at(ErrorKind::model, request.where, "the method '{}' names an unknown block '{}'{}; there are {}",
          request.method, request.block, did_you_mean(request.block, known), fmt::join(known, ", "));
}

}  // namespace millrace
