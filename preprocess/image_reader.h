#pragma once
#include <span>
#include <string>

#include "preprocess/image.h"

namespace millrace {

// A picture as people see it: JPEG (decode_jpeg), or PNG, WebP, BMP or TIFF, of which OpenCV knows what there
// is. Transparency is dropped and 16 bits become 8, as Pillow's convert("RGB") has it. What is no picture,
// not whole or too large is Error(input) naming `name`.
Image decode_image(std::span<const std::byte> bytes, const std::string& name);

// The same of a file. One that cannot be read is Error(io).
Image read_image(const std::string& path);

}  // namespace millrace
