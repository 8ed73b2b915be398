#pragma once
#include <span>
#include <string>

#include "preprocess/image.h"

namespace millrace {

// The first picture of a GIF ("Graphics interchange format, version 89a", 1990), without what says which
// colour is not seen, as Pillow's convert("RGB") gives it. Damage, and a file that is cut short, is
// Error(input).
Image decode_gif(std::span<const std::byte> bytes, const std::string& name);

}  // namespace millrace
