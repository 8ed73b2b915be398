#pragma once
#include <memory>
#include <optional>

#include "encoders/text_encoder.h"
#include "encoders/vision_transformer.h"
#include "models/layers/linear.h"

namespace millrace {

// An encoder of pictures and one of texts whose embeddings are alike where a text says what is on a picture:
// CLIP (Radford et al., "Learning transferable visual models from natural language supervision", 2021),
// SigLIP (Zhai et al., "Sigmoid loss for language image pre-training", 2023). From the settings of
// VisionTransformer (image.*), of TextEncoder (text.*) and
//   projection_width   of embeddings, which models with both encoders then project
//   biased             true: there is a logit_bias
// Weights: image and text, of which the checkpoint may have one alone; image_projection and text_projection
// where it projects; with both encoders logit_scale and logit_bias.
class ImageTextModel {
 public:
  ImageTextModel(const Settings& settings, const WeightScope& weights);

  const std::shared_ptr<const VisionTransformer>& image_encoder() const { return image_; }  // or null
  const std::shared_ptr<const TextEncoder>& text_encoder() const { return text_; }          // or null
  bool projects_images() const { return image_projection_.has_value(); }
  bool projects_texts() const { return text_projection_.has_value(); }
  // Whether it can tell how well texts fit pictures.
  bool compares() const { return image_ && image_->pools() && text_; }

  // An encoder's pooler_output [B, width] to embeddings [B, n]; as it is where there is no projection.
  Tensor image_embeds(const Tensor& pooled) const;
  Tensor text_embeds(const Tensor& pooled) const;
  // Of embeddings of length 1, [images, n] and [texts, n], to [images, texts].
  Tensor logits_per_image(const Tensor& image_embeds, const Tensor& text_embeds) const;

 private:
  std::shared_ptr<const VisionTransformer> image_;
  std::shared_ptr<const TextEncoder> text_;
  std::optional<Linear> image_projection_, text_projection_;
  float scale_ = 1, bias_ = 0;
};

// Each row divided by its length.
Tensor of_length_one(const Tensor& rows);
// [m, n] to [n, m].
Tensor transposed(const Tensor& matrix);

}  // namespace millrace
