#pragma once
#include "models/layers/feature_map.h"
#include "models/settings.h"
#include "models/weights.h"

namespace millrace {

// Normalises a picture to mean 0 and variance 1, each of its positions or (group normalisation with one
// group: Wu and He, 2018) the whole, and gives every channel a gain and a bias. Weights: `weight` and `bias`
// [width].
class PictureNorm {
 public:
  enum class Kind { positions, whole };
  PictureNorm(const WeightScope& scope, int64_t width, Kind kind, float epsilon);

  void forward(const FeatureMap& x, const FeatureMap& y) const;  // y may be x
  bool takes_positions() const { return kind_ == Kind::positions; }

 private:
  Kind kind_;
  float epsilon_;
  Tensor gain_, bias_;
};

// From the setting `norm`, "positions" (as it is without) or "whole".
PictureNorm::Kind picture_norm_kind(const Settings& settings);

}  // namespace millrace
