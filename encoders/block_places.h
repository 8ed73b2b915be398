#pragma once
#include <vector>

#include "models/settings.h"
#include "models/weights.h"

namespace millrace {

// Where a block of a convolutional network stands.
struct BlockPlace {
  int64_t stride = 1, stage = 0, index = 0;  // index: within its stage
};

// Of all blocks, by the settings repeats, depth_factor, strides and first_stride of ConvolutionalNetwork.
std::vector<BlockPlace> block_places(const Settings& settings, const WeightScope& weights);

}  // namespace millrace
