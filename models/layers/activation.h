#pragma once
#include <string_view>

#include "kernels/kernels.h"
#include "models/settings.h"

namespace millrace {

// The activation that the setting `name` gives, in any of transformers' spellings. An unknown one is
// Error(model).
kernels::Activation activation_setting(const Settings& settings, std::string_view name);

}  // namespace millrace
