#pragma once
#include <optional>
#include <vector>

#include "models/layers/convolution.h"
#include "models/settings.h"

namespace millrace {

// Adds pictures up from the smallest, which becomes larger on the way, to the largest (RefineNet: Lin et al.,
// 2017; as in dense prediction transformers). From the setting
//   fuse_to_next: true   a picture gets the size of the next, else twice its own
// Weights, of each layer N from the smallest on: layers.N.projection, and residual.M.convolutions.K in it,
// with residual.M.norms.K where there are any.
class FeatureFusion {
 public:
  // Of `count` pictures of `width` channels.
  FeatureFusion(const Settings& settings, const WeightScope& weights, int64_t count, int64_t width);

  // The sums, the smallest's first; `maps` are in the order from the largest on. All are the workspace's.
  std::vector<FeatureMap> forward(const std::vector<FeatureMap>& maps, Workspace& workspace) const;

 private:
  // x + convolutions of its positive values.
  class Residual {
   public:
    Residual(const WeightScope& scope, int64_t width);
    FeatureMap forward(const FeatureMap& x, Workspace& workspace) const;

   private:
    std::vector<Convolution> convolutions_;
  };
  struct Layer {
    std::optional<Residual> first;  // of what is added; the smallest picture has no use for it
    Residual second;
    Convolution projection;
  };

  bool fuse_to_next_;
  std::vector<Layer> layers_;
};

}  // namespace millrace
