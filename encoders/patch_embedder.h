#pragma once
#include <optional>

#include "encoders/media_embedder.h"
#include "encoders/picture_projector.h"
#include "encoders/vision_transformer.h"

namespace millrace {

// The patches of pictures, encoded and projected (Liu et al., "Visual instruction tuning", 2023). From the
// settings of PictureProjector (projector.*) and
//   feature_layers   behind which layers the encoder's states are taken, a number or a list whose states are
//                    put side by side: 0 is before the first, -1 behind the last. Without it: what the
//                    encoder gives, behind its norm
//   normed_last: true   and so it is if that is -1
//   skipped_rows     of each picture's states, the first ones, which are no patches
//   picture_lists: true   pixel_values are [B, n, channels, height, width], filled up with pictures of zeros,
//                    which are left out; pixel_attention_mask [B, n, height, width] tells what of each is
//                    padding
class PatchEmbedder : public MediaEmbedder {
 public:
  PatchEmbedder(const Settings& settings, const WeightScope& weights,
                std::shared_ptr<const VisionTransformer> encoder, int64_t width);

  std::vector<std::string> arguments() const override;
  std::vector<std::string> optional_arguments() const override;
  int64_t width() const override { return projector_.outputs(); }
  Tensor embed(const NamedTensors& pictures) const override;
  // [n, channels, height, width] to [n, tokens, width].
  Tensor embed(const Tensor& pixel_values) const;
  const VisionTransformer& encoder() const { return *encoder_; }

 private:
  Tensor embed_lists(const NamedTensors& pictures) const;
  Tensor features(const Tensor& pixel_values, std::span<const PatchMask> masks) const;

  std::shared_ptr<const VisionTransformer> encoder_;
  std::vector<int64_t> stages_;  // none: its last states, normalised
  int64_t skipped_rows_;
  bool picture_lists_;
  PictureProjector projector_;
};

}  // namespace millrace
