#pragma once
#include <span>
#include <string>

#include "preprocess/image.h"

namespace millrace {

// A BMP of Windows or OS/2: 1, 4 and 8 bits of a palette, also as run lengths; 16, 24 and 32 bits of red,
// green and blue. Level for level what Pillow's convert("RGB") gives. Damage, and other kinds, is
// Error(input).
Image decode_bmp(std::span<const std::byte> bytes, const std::string& name);

}  // namespace millrace
