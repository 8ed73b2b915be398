#pragma once
#include <optional>

#include "encoders/audio_encoder.h"
#include "encoders/media_embedder.h"
#include "encoders/picture_projector.h"

namespace millrace {

// Log-mel windows of sounds, encoded and projected to a language model's embeddings ("Qwen2-Audio", Chu et
// al., 2024; "Voxtral", Liu et al., 2025). From the settings of PictureProjector (projector.*) and, each
// where given,
//   stacked_width    the encoder's states side by side, so many values together, become one row
//   mask             the argument that tells of each frame of the windows whether it is sound, 1, or what
//                    only fills the window; the rows of all windows that stand for sound then come out one
//                    after the other
//   masked_attention: true   the encoder does not attend to what only fills a window
//   positions_a_row  so many of the stem's positions are a row, by which the mask's frames are counted
//   listed: true     without a mask, too, the rows of all windows come one after the other
class SoundEmbedder : public MediaEmbedder {
 public:
  SoundEmbedder(const Settings& settings, const WeightScope& weights,
                std::shared_ptr<const AudioEncoder> encoder, int64_t width);

  std::vector<std::string> arguments() const override;
  std::vector<std::string> optional_arguments() const override;
  int64_t width() const override { return projector_.outputs(); }
  Tensor embed(const NamedTensors& sounds) const override;

 private:
  Tensor stacked(const Tensor& states) const;
  std::vector<int64_t> heard_positions(const NamedTensors& sounds, const Tensor& features) const;

  std::shared_ptr<const AudioEncoder> encoder_;
  int64_t stacked_width_;
  std::string mask_;  // empty: none
  bool masked_attention_;
  int64_t positions_a_row_;
  bool listed_;
  PictureProjector projector_;
};

}  // namespace millrace
