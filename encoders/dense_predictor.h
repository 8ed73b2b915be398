#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "encoders/feature_fusion.h"
#include "encoders/feature_reassembly.h"
#include "encoders/image_encoder.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// Something for every pixel, from what several layers of a vision transformer see: how far away it is, or
// which label it has (Ranftl et al., "Vision transformers for dense prediction", 2021; Yang et al., "Depth
// anything", 2024). From the settings of FeatureReassembly and FeatureFusion and
//   feature      which of the fused maps the head sees, from the end where negative
//   patch_size   the result has as many pixels for each patch, else it is twice as large as the map
//   scale        of depth; with bounded: true it is that part of the scale which a sigmoid gives
// and the backbone's own patch_size, or square_features: true, with which its patches are taken for a square.
// Weights: reassembly, fusion, and the head: project where there is one; then of depth head.0, head.1 and
// head.2, and of labels head.0, head_norms.0 and head.1. Immutable: one instance serves all threads.
class DensePredictor {
 public:
  // Whether the checkpoint has such a head.
  static bool in(const WeightScope& weights) { return weights.has("head.0.weight"); }
  DensePredictor(std::shared_ptr<const Backbone> backbone, const Settings& settings,
                 const WeightScope& weights);

  bool labels_pixels() const { return labels_pixels_; }
  int64_t labels() const { return labels_pixels_ ? head_.back().outputs() : 0; }
  // [B, height, width] of depth, [B, labels, height, width] else.
  Tensor predict(const Tensor& pixel_values) const;

 private:
  static size_t place_of(const Settings& settings, int64_t maps);
  void add_head(const WeightScope& weights);
  FeatureMap estimate(const FeatureMap& map, PictureSize patches, Workspace& workspace) const;

  std::shared_ptr<const Backbone> backbone_;
  bool labels_pixels_;
  std::optional<PictureSize> patch_;
  float scale_;
  bool bounded_;
  FeatureReassembly reassembly_;
  FeatureFusion fusion_;
  size_t feature_;
  std::optional<Convolution> project_;
  std::vector<Convolution> head_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
