#pragma once
#include <memory>
#include <vector>

#include "encoders/pyramid_network.h"

namespace millrace {

// A label for every few pixels, from all stages of a pyramid brought to the size and depth of the first
// (SegFormer: Xie et al., 2021). Weights: projections.N of each stage, fuse and fuse_norm, classifier. From
// the setting segmenter_norm_epsilon. Immutable: one instance serves all threads.
class PyramidSegmenter {
 public:
  static bool in(const WeightScope& weights) { return weights.has("segmenter.fuse.weight"); }
  PyramidSegmenter(std::shared_ptr<const PyramidNetwork> network, const Settings& settings,
                   const WeightScope& weights);

  int64_t labels() const { return classifier_.outputs(); }
  // [B, labels, height, width], as many positions as the first stage has.
  Tensor segment(const Tensor& pixel_values) const;

 private:
  static Convolution fusion(const Settings& settings, const WeightScope& weights, int64_t inputs);

  std::shared_ptr<const PyramidNetwork> network_;
  std::vector<Convolution> projections_;
  Convolution fuse_, classifier_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
