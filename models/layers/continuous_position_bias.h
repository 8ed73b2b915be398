#pragma once
#include "models/weights.h"

namespace millrace {

// Biases of attention scores that a small network makes of how far apart two positions of a window are, in
// logarithms, so that windows of another size than the trained one have them too (Liu et al., "Swin
// Transformer V2", 2022): [heads, n, n] for n = window * window positions. `trained_window` is 0 where it is
// the same. Weights: position_bias.up and position_bias.down.
Tensor continuous_position_bias(const WeightScope& scope, int64_t window, int64_t trained_window,
                                int64_t heads);

}  // namespace millrace
