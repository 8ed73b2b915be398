#pragma once
#include <vector>

#include "models/layers/transposed_convolution.h"

namespace millrace {

// Maps of one size to maps of several: the first four times as large, the second twice, the third as it is,
// the fourth half (BEiT's for segmentation: Bao et al., 2021). Weights: enlarge.N, of the first two in their
// order, and enlarge_norms.N. Immutable.
class ScaleNeck {
 public:
  static constexpr size_t kMaps = 4;

  static bool in(const WeightScope& weights) { return weights.has("enlarge.0.weight"); }
  // `width` of each map.
  ScaleNeck(const WeightScope& weights, int64_t width);

  std::vector<FeatureMap> run(const std::vector<FeatureMap>& maps, Workspace& workspace) const;

 private:
  static std::vector<TransposedConvolution> enlargings_in(const WeightScope& weights, int64_t width);

  std::vector<TransposedConvolution> enlargings_;  // two of the first map, one of the second
};

}  // namespace millrace
