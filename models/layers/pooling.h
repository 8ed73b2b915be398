#pragma once
#include "models/layers/feature_map.h"

namespace millrace {

// The mean, or the largest, of every channel over each picture: means [images, channels].
void mean_over_positions(const FeatureMap& map, const Rows& means);
void largest_over_positions(const FeatureMap& map, const Rows& largest);

// The means of `parts` by `parts` rectangles of each picture, which overlap by a pixel where its size is no
// multiple (torch's AdaptiveAvgPool2d).
FeatureMap mean_of_parts(const FeatureMap& x, int64_t parts, Workspace& workspace);

// The mean of the `size` by `size` neighbours, of those that there are, less the position itself. y is not x.
void neighbour_difference(const FeatureMap& x, int64_t size, const FeatureMap& y);

// The largest of every square of `size` pixels, `stride` apart, with `padding` around the picture that counts
// for nothing (torch's MaxPool2d).
FeatureMap max_pool(const FeatureMap& x, int64_t size, int64_t stride, int64_t padding, Workspace& workspace);

}  // namespace millrace
