#pragma once
#include "models/layers/convolution.h"
#include "models/layers/pyramid_layer.h"
#include "models/settings.h"

namespace millrace {

// What the settings of a PyramidNetwork say of its stage `stage`.

// Of the convolution at the stage's beginning; and at its end, where `stage` is the next one.
ConvolutionPadding entry_padding(const Settings& settings, int64_t stage);
// `kernel` is its filters' height: without a setting they lie side by side.
int64_t entry_stride(const Settings& settings, int64_t stage, int64_t kernel);

// Of layers of this width. What does not fit it is Error(model).
PyramidLayerOptions pyramid_layer_options(const Settings& settings, int64_t stage, int64_t width);

// The epsilon of that name, which is norm_epsilon where there is none.
float epsilon_setting(const Settings& settings, std::string_view name);

}  // namespace millrace
