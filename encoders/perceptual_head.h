#pragma once
#include "encoders/segmentation_head.h"
#include "models/layers/convolution.h"

namespace millrace {

// UPerNet's head (Xiao et al., "Unified perceptual parsing for scene understanding", 2018): the last map with
// means of its parts, handed down from each map to the next larger one, and all of them together. Weights:
// pools.N; top, of the last map and its pools; laterals.N and outputs.N of the other maps; joined; each with
// its batch normalisation, pool_norms.N and so on; classifier. From the setting
//   pool_scales   into how many parts each pool divides the map, along each edge
class PerceptualHead : public SegmentationHead {
 public:
  static bool in(const WeightScope& weights) { return weights.has("top.weight"); }
  PerceptualHead(const Settings& settings, const WeightScope& weights, std::span<const int64_t> widths);

  int64_t labels() const override { return classifier_.outputs(); }
  FeatureMap run(std::span<const FeatureMap> maps, Workspace& workspace) const override;

 private:
  int64_t top_inputs(int64_t width) const;
  int64_t joined_inputs() const;
  FeatureMap run_top(const FeatureMap& map, Workspace& workspace) const;

  std::vector<int64_t> pool_scales_;
  std::vector<Convolution> pools_;
  Convolution top_;
  std::vector<Convolution> laterals_, outputs_;
  Convolution joined_, classifier_;
};

}  // namespace millrace
