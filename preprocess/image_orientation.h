#pragma once
#include <cstddef>
#include <optional>
#include <span>

#include "preprocess/image.h"

namespace millrace {

// The orientation, 1 to 8, that an Exif block says ("Exif", two zeros and a TIFF directory, as cameras put it
// into a JPEG's marker APP1; or the directory alone). None where it says nothing, or is no such block.
std::optional<int> exif_orientation(std::span<const std::byte> block);

// A picture as it is meant to be seen: mirrored, and turned by quarters, as the orientation says. 1, and what
// is no orientation, leaves it as it is.
Image turned(const Image& image, int orientation);

}  // namespace millrace
