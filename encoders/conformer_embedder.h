#pragma once
#include "encoders/conformer_encoder.h"
#include "encoders/media_embedder.h"
#include "encoders/query_projector.h"

namespace millrace {

// Sounds of any length through a conformer and a QueryProjector ("Granite Speech", Saon et al., 2025). Takes
// input_features [sounds, rows, bands], filled up behind what a sound has, and the setting
//   mask   the argument [sounds, embeddings] that tells which of the projector's embeddings are of the sound,
//          1: those come out, one after the other
class ConformerEmbedder : public MediaEmbedder {
 public:
  ConformerEmbedder(const Settings& settings, const WeightScope& weights,
                    std::shared_ptr<const ConformerEncoder> encoder, int64_t width);

  std::vector<std::string> arguments() const override { return {"input_features", mask_}; }
  std::vector<std::string> optional_arguments() const override { return {mask_}; }
  int64_t width() const override { return projector_.outputs(); }
  Tensor embed(const NamedTensors& sounds) const override;

 private:
  std::shared_ptr<const ConformerEncoder> encoder_;
  QueryProjector projector_;
  std::string mask_;
};

}  // namespace millrace
