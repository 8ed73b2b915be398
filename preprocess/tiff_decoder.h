#pragma once
#include <span>
#include <string>

#include "preprocess/image.h"

namespace millrace {

// The first picture of a TIFF: grey, of a palette, of red, green and blue, or of inks, in 1 to 16 bits, in
// strips or tiles, in any of libtiff's compressions; turned as its orientation says. Level for level what
// Pillow's convert("RGB") gives. What cannot be decoded, and other kinds, is Error(input).
Image decode_tiff(std::span<const std::byte> bytes, const std::string& name);

}  // namespace millrace
