#pragma once
#include "base/tensor.h"
#include "models/layers/feature_map.h"

namespace millrace {

// Pictures whose positions lie in a line behind a class token (FeatureMap::line_width).

// Each picture behind the one token, [1, channels].
FeatureMap line_behind(const Tensor& token, const FeatureMap& pictures, Workspace& workspace);

// The tokens alone, a map of one position each.
FeatureMap class_tokens_of(const FeatureMap& lines, Workspace& workspace);

// The pictures again, or the map itself where it is none of lines.
FeatureMap pictures_of(const FeatureMap& lines, Workspace& workspace);

}  // namespace millrace
