#include "encoders/image_segmenter.h"

#include <algorithm>

#include "base/error.h"
#include "models/layers/resample.h"

namespace millrace {

ImageSegmenter::ImageSegmenter(std::shared_ptr<const ImageEncoder> encoder, const Settings& settings,
                               const WeightScope& weights)
    : encoder_(std::move(encoder)),
      neck_(neck_in(weights.at("neck"), encoder_->map_widths())),
      head_(make_segmentation_head(settings, weights, encoder_->map_widths())),
      pixels_(settings.flag("segment_pixels", false)) {
  weights.has("training_head");  // another one, which is of no use any more
}

std::optional<ScaleNeck> ImageSegmenter::neck_in(const WeightScope& weights,
                                                 std::span<const int64_t> widths) {
  if (!ScaleNeck::in(weights)) return std::nullopt;
  if (widths.size() != ScaleNeck::kMaps || std::ranges::count(widths, widths[0]) != std::ssize(widths))
    fail_at(ErrorKind::model, weights.place("enlarge.0.weight"), "needs {} maps of one width, not {}",
            ScaleNeck::kMaps, widths.size());
  return ScaleNeck(weights, widths[0]);
}

Tensor ImageSegmenter::segment(const Tensor& pixel_values) const {
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  auto maps = encoder_->maps(pixel_values, *workspace);
  if (neck_) maps = neck_->run(maps, *workspace);
  auto labels = head_->run(maps, *workspace);
  if (pixels_) labels = resampled(labels, pixel_values.dim(2), pixel_values.dim(3), *workspace);
  return tensor_of(labels);
}

}  // namespace millrace
