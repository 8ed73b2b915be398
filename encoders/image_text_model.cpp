#include "encoders/image_text_model.h"

#include <cmath>
#include <numeric>

#include "base/error.h"

namespace millrace {
namespace {

std::optional<Linear> projection(const WeightScope& scope, int64_t outputs, int64_t inputs, bool needed) {
  if (!needed && !scope.has("weight")) return std::nullopt;
  return Linear(scope, outputs, inputs);
}

Tensor projected(const std::optional<Linear>& projection, const Tensor& pooled) {
  if (!projection) return pooled;
  Tensor from = Tensor::from<float>(pooled.shape(), pooled.values<float>());
  Tensor result(DType::float32, {pooled.dim(0), projection->outputs()});
  projection->forward(rows_of(from), rows_of(result));
  return result;
}

// A number, [] or [1].
float number(const WeightScope& weights, std::string_view name) {
  const Tensor value = weights.get_float(name, weights.shape(name));
  if (value.count() != 1)
    fail_at(ErrorKind::model, weights.place(name), "has shape {}, but one number was expected",
            to_string(value.shape()));
  return value.data<float>()[0];
}

}  // namespace

ImageTextModel::ImageTextModel(const Settings& settings, const WeightScope& weights) {
  const int64_t width = settings.size("projection_width", 1);
  const bool has_images = weights.has("image.patch_embedding.weight"),
             has_texts = weights.has("text.embedding.weight");
  const bool projects = settings.has("projection_width") && has_images && has_texts;
  const bool biased = settings.flag("biased", false);
  if (has_images) {
    image_ = std::make_shared<const VisionTransformer>(settings.at("image"), weights.at("image"));
    image_projection_ = projection(weights.at("image_projection"), width, image_->width(), projects);
  } else {
    settings.at("image").skip();
  }
  if (has_texts) {
    text_ = std::make_shared<const TextEncoder>(settings.at("text"), weights.at("text"));
    text_projection_ = projection(weights.at("text_projection"), width, text_->pooled_width(), projects);
  } else {
    settings.at("text").skip();
  }
  for (const char* counted : {"image.position_ids", "text.position_ids"})
    weights.has(counted);  // 0, 1, 2 and so on, which older versions saved
  if (!image_ && !text_)
    fail_at(ErrorKind::model, weights.place("image.patch_embedding.weight"),
            "there is no such tensor, and no encoder of texts");
  if (!compares()) return;
  const int64_t images = image_projection_ ? width : image_->width(),
                texts = text_projection_ ? width : text_->pooled_width();
  if (images != texts)
    fail_at(ErrorKind::model, weights.place("logit_scale"),
            "embeddings of pictures have {} values, but those of texts {}", images, texts);
  scale_ = std::exp(number(weights, "logit_scale"));
  if (biased) bias_ = number(weights, "logit_bias");
}

Tensor ImageTextModel::image_embeds(const Tensor& pooled) const {
  return projected(image_projection_, pooled);
}

Tensor ImageTextModel::text_embeds(const Tensor& pooled) const { return projected(text_projection_, pooled); }

Tensor ImageTextModel::logits_per_image(const Tensor& image_embeds, const Tensor& text_embeds) const {
  const int64_t images = image_embeds.dim(0), texts = text_embeds.dim(0), width = image_embeds.dim(1);
  Tensor logits(DType::float32, {images, texts});
  float* to = logits.mutable_data<float>();
  for (int64_t i = 0; i < images; ++i)
    for (int64_t j = 0; j < texts; ++j) {
      const float* image = image_embeds.data<float>() + i * width;
      *to++ = scale_ * std::inner_product(image, image + width, text_embeds.data<float>() + j * width, 0.f) +
              bias_;
    }
  return logits;
}

Tensor of_length_one(const Tensor& rows) {
  Tensor result(DType::float32, rows.shape());
  const int64_t width = rows.dim(1);
  for (int64_t i = 0; i < rows.dim(0); ++i) {
    const float* from = rows.data<float>() + i * width;
    const float length = std::sqrt(std::inner_product(from, from + width, from, 0.f));
    float* to = result.mutable_data<float>() + i * width;
    for (int64_t j = 0; j < width; ++j) to[j] = from[j] / length;
  }
  return result;
}

Tensor transposed(const Tensor& matrix) {
  const int64_t rows = matrix.dim(0), columns = matrix.dim(1);
  Tensor result(DType::float32, {columns, rows});
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      result.mutable_data<float>()[j * rows + i] = matrix.data<float>()[i * columns + j];
  return result;
}

}  // namespace millrace
