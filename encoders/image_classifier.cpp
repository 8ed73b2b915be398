#include "encoders/image_classifier.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {
namespace {

Linear head(const WeightScope& scope, int64_t width) {
  return Linear(scope, scope.shape("weight").at(0), width);
}

// The mean of rows [first, last) of each of a batch's [B, rows, width], to the columns of `to` from `column`
// on.
void mean_of_rows(const Tensor& states, int64_t first, int64_t last, const Rows& to) {
  const int64_t rows = states.dim(1), width = states.dim(2);
  for (int64_t image = 0; image < states.dim(0); ++image) {
    float* mean = to.row(image);
    std::fill_n(mean, width, 0.f);
    for (int64_t row = first; row < last; ++row) {
      const float* from = states.data<float>() + (image * rows + row) * width;
      for (int64_t i = 0; i < width; ++i) mean[i] += from[i];
    }
    for (int64_t i = 0; i < width; ++i) mean[i] /= static_cast<float>(last - first);
  }
}

}  // namespace

ImageClassifier::Input ImageClassifier::input_of(const Settings& settings) {
  const std::string name = settings.text("classify", "pooled");
  if (name == "pooled") return Input::pooled;
  if (name == "first") return Input::first;
  if (name == "mean") return Input::mean;
  if (name == "patches") return Input::patches;
  if (name == "first_and_mean") return Input::first_and_mean;
  fail_at(ErrorKind::model, settings.where("classify"),
          "'{}' is unknown; there are pooled, first, mean, patches and first_and_mean", name);
}

ImageClassifier::ImageClassifier(const Settings& settings, const WeightScope& weights, int64_t width,
                                 int64_t prefix)
    : input_(input_of(settings)),
      head_(head(weights.at(has_two(weights) ? "class_classifier" : "classifier"),
                 input_ == Input::first_and_mean ? 2 * width : width)),
      prefix_(prefix) {
  if (has_two(weights)) distilled_.emplace(head(weights.at("distillation_classifier"), width));
}

bool ImageClassifier::has_two(const WeightScope& weights) {
  return weights.has("distillation_classifier.weight");
}

bool ImageClassifier::in(const WeightScope& weights) {
  return has_two(weights) || weights.has("classifier.weight");
}

Tensor ImageClassifier::input(const ImageFeatures& features) const {
  if (input_ == Input::pooled && !features.summary.empty()) return features.summary;
  if (input_ == Input::pooled)
    return features.pooler_output.reshaped(
        {features.pooler_output.dim(0), features.pooler_output.count() / features.pooler_output.dim(0)});
  const Tensor& states = features.last_hidden_state;
  const int64_t images = states.dim(0), rows = states.dim(1), width = states.dim(2);
  Tensor result(DType::float32, {images, head_.inputs()});
  const Rows all = rows_of(result);
  if (input_ == Input::first || input_ == Input::first_and_mean) mean_of_rows(states, 0, 1, all);
  if (input_ == Input::mean) mean_of_rows(states, 0, rows, all);
  if (input_ == Input::patches) mean_of_rows(states, prefix_, rows, all);
  if (input_ == Input::first_and_mean) mean_of_rows(states, prefix_, rows, all.columns(width, width));
  return result;
}

Tensor ImageClassifier::logits(const ImageFeatures& features) const {
  Tensor seen = input(features), result(DType::float32, {seen.dim(0), labels()});
  head_.forward(rows_of(seen), rows_of(result));
  if (!distilled_) return result;
  Tensor second(DType::float32, result.shape()), token(DType::float32, seen.shape());
  mean_of_rows(features.last_hidden_state, 1, 2, rows_of(token));
  distilled_->forward(rows_of(token), rows_of(second));
  float* mean = result.mutable_data<float>();
  for (int64_t i = 0; i < result.count(); ++i) mean[i] = (mean[i] + second.data<float>()[i]) / 2;
  return result;
}

}  // namespace millrace
