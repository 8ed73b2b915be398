#pragma once
#include "encoders/segmentation_head.h"
#include "models/layers/convolution.h"

namespace millrace {

// All maps brought to the size and depth of the first (SegFormer: Xie et al., 2021). Weights: projections.N
// of each, fuse and fuse_norm, classifier. From the setting segmenter_norm_epsilon.
class PyramidHead : public SegmentationHead {
 public:
  static bool in(const WeightScope& weights) { return weights.has("fuse.weight"); }
  PyramidHead(const Settings& settings, const WeightScope& weights, std::span<const int64_t> widths);

  int64_t labels() const override { return classifier_.outputs(); }
  FeatureMap run(std::span<const FeatureMap> maps, Workspace& workspace) const override;

 private:
  std::vector<Convolution> projections_;
  Convolution fuse_, classifier_;
};

}  // namespace millrace
