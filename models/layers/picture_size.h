#pragma once
#include <cstdint>
#include <string_view>

#include "models/settings.h"

namespace millrace {

struct PictureSize {
  int64_t height = 0, width = 0;
  bool operator==(const PictureSize&) const = default;
};

// The setting `name`: one number for both, or [height, width].
PictureSize picture_size(const Settings& settings, std::string_view name);

}  // namespace millrace
