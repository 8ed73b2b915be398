#include "encoders/conformer_embedder.h"

#include "encoders/sound_mask.h"

namespace millrace {

ConformerEmbedder::ConformerEmbedder(const Settings& settings, const WeightScope& weights,
                                     std::shared_ptr<const ConformerEncoder> encoder, int64_t width)
    : encoder_(std::move(encoder)),
      projector_(settings.at("projector"), weights.at("projector"), encoder_->width(), width),
      mask_(settings.text("mask")) {}

Tensor ConformerEmbedder::embed(const NamedTensors& sounds) const {
  Tensor embeddings = projector_.project(encoder_->encode(sounds.at("input_features")));
  const auto mask = sounds.find(mask_);
  return mask == sounds.end() ? embeddings : masked_rows(embeddings, mask->second, mask_);
}

}  // namespace millrace
