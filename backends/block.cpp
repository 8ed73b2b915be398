#include "backends/block.h"

#include <fmt/ranges.h>

#include "backends/causal_methods.h"
#include "backends/image_text_methods.h"
#include "backends/model_methods.h"
#include "backends/multimodal_methods.h"
#include "backends/nested_block.h"
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

// With a head that labels positions, or one that labels pictures, or none.
template <class Encoder>
Block image_encoder(const BlockRequest& request) {
  auto encoder = std::make_shared<Encoder>(request.settings, request.weights);
  allow_head_settings(request.settings);
  if (has_segmentation_head(request.weights)) {
    auto segmenter =
        std::make_shared<const ImageSegmenter>(std::move(encoder), request.settings, request.weights);
    const int64_t labels = segmenter->labels();
    return {.methods = {image_segmenter_method(request.method, std::move(segmenter))},
            .text_decoder = nullptr,
            .takes_pictures = true,
            .labels = labels,
            .labels_of = LabelSet::Of::pixels};
  }
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
  allow_head_settings(request.settings);
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

// With a head that finds things, or one that labels pictures, or none.
Block vision_transformer(const BlockRequest& request) {
  if (!DetectionHead::in(request.weights)) return image_encoder<VisionTransformer>(request);
  allow_head_settings(request.settings);
  auto encoder = std::make_shared<const VisionTransformer>(request.settings, request.weights);
  auto head = std::make_shared<const DetectionHead>(request.weights, encoder->width());
  const int64_t labels = head->labels();
  return {.methods = {token_detector_method(request.method, std::move(encoder), std::move(head))},
          .text_decoder = nullptr,
          .takes_pictures = true,
          .labels = labels,
          .labels_of = LabelSet::Of::boxes};
}

std::shared_ptr<const Backbone> backbone_of(const BlockRequest& request) {
  return nested_backbone(request.settings.at("backbone"), request.weights.at("backbone"));
}

Block detection_transformer(const BlockRequest& request) {
  auto backbone = backbone_of(request);
  auto transformer =
      std::make_shared<const DetectionTransformer>(backbone, request.settings, request.weights);
  std::shared_ptr<const DetectionHead> head;
  if (DetectionHead::in(request.weights))
    head = std::make_shared<const DetectionHead>(request.weights, transformer->width());
  const int64_t labels = head ? head->labels() : 0;
  return {.methods = {query_detector_method(request.method, std::move(transformer), std::move(head)),
                      image_encoder_method("vision_encoder", std::move(backbone), std::nullopt)},
          .text_decoder = nullptr,
          .takes_pictures = true,
          .labels = labels,
          .labels_of = LabelSet::Of::boxes};
}

// The backbone alone where the checkpoint has no more.
Block dense_predictor(const BlockRequest& request) {
  auto backbone = backbone_of(request);
  if (!DensePredictor::in(request.weights)) {
    for (const auto* name : {"factors", "readout", "readout_activation", "fuse_to_next", "feature",
                             "patch_size", "scale", "bounded"})
      request.settings.has(name);
    return {.methods = {image_encoder_method(request.method, std::move(backbone), std::nullopt)},
            .text_decoder = nullptr,
            .takes_pictures = true};
  }
  auto predictor = std::make_shared<const DensePredictor>(backbone, request.settings, request.weights);
  const int64_t labels = predictor->labels();
  return {.methods = {dense_predictor_method(request.method, std::move(predictor)),
                      image_encoder_method("vision_encoder", std::move(backbone), std::nullopt)},
          .text_decoder = nullptr,
          .takes_pictures = true,
          .labels = labels,
          .labels_of = LabelSet::Of::pixels};
}

Block multimodal_model(const BlockRequest& request) {
  auto model = std::make_shared<const MultimodalModel>(request.settings, request.weights);
  return {.methods = multimodal_methods(model),
          .text_decoder = model->text_decoder(),
          .takes_pictures = model->pictures() != nullptr,
          .multimodal = model};
}

// A new kind of block is a line here.
constexpr std::pair<std::string_view, Block (*)(const BlockRequest&)> kBlocks[] = {
    {"audio_encoder", audio_encoder},
    {"convolutional_network", image_encoder<ConvolutionalNetwork>},
    {"causal_decoder", causal_decoder},
    {"dense_predictor", dense_predictor},
    {"detection_transformer", detection_transformer},
    {"image_text_model", image_text_model},
    {"pyramid_network", image_encoder<PyramidNetwork>},
    {"transformer_decoder", transformer_decoder},
    {"multimodal_model", multimodal_model},
    {"vision_transformer", vision_transformer},
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
