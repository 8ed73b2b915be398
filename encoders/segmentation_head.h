#pragma once
#include <memory>
#include <span>
#include <vector>

#include "models/layers/feature_map.h"
#include "models/settings.h"
#include "models/weights.h"

namespace millrace {

// Labels the positions of pictures, from the maps that an encoder makes of them. Immutable.
class SegmentationHead {
 public:
  virtual ~SegmentationHead() = default;
  virtual int64_t labels() const = 0;
  // A map of a value for each label, in the workspace.
  virtual FeatureMap run(std::span<const FeatureMap> maps, Workspace& workspace) const = 0;
};

// Whether the checkpoint has one; `weights` are the encoder's.
bool has_segmentation_head(const WeightScope& weights);

// PyramidHead, AtrousHead or PerceptualHead, as the weights `segmenter` tell, for maps of these widths, of
// which none is Error(model).
std::unique_ptr<const SegmentationHead> make_segmentation_head(const Settings& settings,
                                                               const WeightScope& weights,
                                                               std::span<const int64_t> widths);

}  // namespace millrace
