#pragma once
#include "models/layers/feature_map.h"

namespace millrace {

// The mean, or the largest, of every channel over each picture: means [images, channels].
void mean_over_positions(const FeatureMap& map, const Rows& means);
void largest_over_positions(const FeatureMap& map, const Rows& largest);

// The largest of every square of `size` pixels, `stride` apart, with `padding` around the picture that counts
// for nothing (torch's MaxPool2d).
FeatureMap max_pool(const FeatureMap& x, int64_t size, int64_t stride, int64_t padding, Workspace& workspace);

}  // namespace millrace
