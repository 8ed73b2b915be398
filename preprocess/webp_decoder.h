#pragma once
#include <span>
#include <string>

#include "preprocess/image.h"

namespace millrace {

// A whole WebP without what says how much of it is seen, turned as its EXIF orientation says; of a moving one
// the first picture. Level for level what Pillow's convert("RGB") gives. What cannot be decoded is
// Error(input).
Image decode_webp(std::span<const std::byte> bytes, const std::string& name);

}  // namespace millrace
