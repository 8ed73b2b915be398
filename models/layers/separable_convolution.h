#pragma once
#include "models/layers/convolution.h"

namespace millrace {

// A filter for each channel between layers over the channels of each position, as inverted residual blocks
// have them (Sandler et al., "MobileNetV2", 2018). It runs over a picture a few lines at a time: what lies
// between, which is several times as large as what goes in and comes out, never leaves the cache.
struct SeparableConvolution {
  const Convolution* expand = nullptr;   // pointwise; null: none
  const Convolution* filter = nullptr;   // depthwise
  const Convolution* project = nullptr;  // pointwise; null: none

  // Whether the pictures are many or tall enough to give every thread its share of the lines.
  bool suits(const FeatureMap& x) const;
  // y + residual, which is of y's size; null: none. y is not x.
  void forward(const FeatureMap& x, const FeatureMap& y, const float* residual, Workspace& workspace) const;
};

}  // namespace millrace
