#include "encoders/segmentation_head.h"

#include "base/error.h"
#include "encoders/atrous_head.h"
#include "encoders/perceptual_head.h"
#include "encoders/pyramid_head.h"

namespace millrace {

bool has_segmentation_head(const WeightScope& weights) {
  const auto scope = weights.at("segmenter");
  return PyramidHead::in(scope) || AtrousHead::in(scope) || PerceptualHead::in(scope);
}

std::unique_ptr<const SegmentationHead> make_segmentation_head(const Settings& settings,
                                                               const WeightScope& weights,
                                                               std::span<const int64_t> widths) {
  if (widths.empty())
    fail_at(ErrorKind::model, weights.place("segmenter"), "the model has no maps for such a head");
  const auto scope = weights.at("segmenter");
  if (AtrousHead::in(scope)) return std::make_unique<AtrousHead>(settings, scope, widths);
  if (PerceptualHead::in(scope)) return std::make_unique<PerceptualHead>(settings, scope, widths);
  return std::make_unique<PyramidHead>(settings, scope, widths);
}

}  // namespace millrace
