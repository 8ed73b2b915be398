#pragma once
#include <optional>

#include "encoders/image_features.h"
#include "models/layers/linear.h"
#include "models/settings.h"

namespace millrace {

// The head that gives labels' logits. From the settings
//   classify   what it sees: "pooled" (the encoder's pooler_output), "first" (the first token), "mean" (of
//              all positions), "patches" (their mean) or "first_and_mean" (that, behind the first token)
// Weights: classifier; or the two heads class_classifier and distillation_classifier, of the first two
// tokens, whose logits are averaged (Touvron et al., "Training data-efficient image transformers", 2021).
class ImageClassifier {
 public:
  // `prefix` tokens come before the patches, `width` values each.
  ImageClassifier(const Settings& settings, const WeightScope& weights, int64_t width, int64_t prefix);
  // Whether the checkpoint has such a head.
  static bool in(const WeightScope& weights);

  // [B, labels].
  Tensor logits(const ImageFeatures& features) const;
  int64_t labels() const { return head_.outputs(); }

 private:
  enum class Input { pooled, first, mean, patches, first_and_mean };
  static Input input_of(const Settings& settings);
  static bool has_two(const WeightScope& weights);
  Tensor input(const ImageFeatures& features) const;

  Input input_;
  Linear head_;
  std::optional<Linear> distilled_;
  int64_t prefix_;
};

}  // namespace millrace
