#pragma once
#include <cstdint>
#include <vector>

#include "models/settings.h"

namespace millrace {

// From which of a backbone's stages another model takes its features: of `count` stages those after what goes
// into the first, which is 0. From one of the settings
//   out_indices   numbers, from the end where negative; out_features   names: "stem" is 0, "stage3" is 3.
//   Both
//                 in their order
//   out_layers    numbers of layers, counted from 0, in any order; those that the model has not do not count
// or the last alone. What else they are is Error(model).
std::vector<int64_t> feature_stages(const Settings& settings, int64_t count);

}  // namespace millrace
