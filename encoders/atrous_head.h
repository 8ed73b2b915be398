#pragma once
#include "encoders/segmentation_head.h"
#include "models/layers/convolution.h"

namespace millrace {

// What ever wider filters and the mean of the whole see in the last map (DeepLabV3: Chen et al., "Rethinking
// atrous convolution for semantic image segmentation", 2017). Weights: branches.N, pooled, joined, each with
// its batch normalisation, branch_norms.N, pooled_norm and joined_norm; classifier. From the settings
//   atrous_rates   how far the pixels of a filter are apart, of the branches after the first
//   pooled_first   the mean comes before the branches, else behind them
class AtrousHead : public SegmentationHead {
 public:
  static bool in(const WeightScope& weights) { return weights.has("pooled.weight"); }
  AtrousHead(const Settings& settings, const WeightScope& weights, std::span<const int64_t> widths);

  int64_t labels() const override { return classifier_.outputs(); }
  FeatureMap run(std::span<const FeatureMap> maps, Workspace& workspace) const override;

 private:
  int64_t joined_width() const;

  bool pooled_first_;
  std::vector<Convolution> branches_;
  Convolution pooled_, joined_, classifier_;
};

}  // namespace millrace
