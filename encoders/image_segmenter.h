#pragma once
#include <memory>
#include <optional>

#include "encoders/image_encoder.h"
#include "encoders/scale_neck.h"
#include "encoders/segmentation_head.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// Pictures to a label for every few pixels, by a head on the maps of an encoder, and a neck between them
// where the checkpoint has one. From the setting
//   segment_pixels: true   the labels' values are resampled to the size of the picture
// and those of the head. Weights: neck, segmenter. Immutable: one instance serves all threads.
class ImageSegmenter {
 public:
  ImageSegmenter(std::shared_ptr<const ImageEncoder> encoder, const Settings& settings,
                 const WeightScope& weights);

  int64_t labels() const { return head_->labels(); }
  // pixel_values [B, channels, height, width] to [B, labels, rows, columns].
  Tensor segment(const Tensor& pixel_values) const;

 private:
  static std::optional<ScaleNeck> neck_in(const WeightScope& weights, std::span<const int64_t> widths);

  std::shared_ptr<const ImageEncoder> encoder_;
  std::optional<ScaleNeck> neck_;
  std::unique_ptr<const SegmentationHead> head_;
  bool pixels_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
