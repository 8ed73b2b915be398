#pragma once
#include "models/settings.h"
#include "models/weights.h"

namespace millrace {

// Embeddings of absolute positions, [positions, width] float32, of the setting `positions`: the weight
// `positions` where the checkpoint has it, else, with the setting sinusoidal_positions, sines in the first
// half of each row and cosines in the second (Vaswani et al., 2017, as Whisper orders them).
// Rows for `offset` positions more come first.
Tensor position_embeddings(const Settings& settings, const WeightScope& weights, int64_t offset,
                           int64_t width);

}  // namespace millrace
