#pragma once
#include <span>
#include <string>

#include "preprocess/image.h"

namespace millrace {

// A whole JPEG, with its header's size, turned as its EXIF orientation says. Level for level what Pillow's
// convert("RGB") gives, of CMYK too. What libjpeg mends is a warning that names `name`; what it cannot, and
// one of more than a hundred scans, which would take minutes, is Error(input).
Image decode_jpeg(std::span<const std::byte> bytes, const std::string& name);

}  // namespace millrace
