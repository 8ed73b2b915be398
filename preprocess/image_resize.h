#pragma once
#include "preprocess/image.h"

namespace millrace {

// Pillow's filters, with its numbers.
enum class ImageFilter { nearest = 0, lanczos = 1, bilinear = 2, bicubic = 3, box = 4, hamming = 5 };

// The picture in another size (at least 1 x 1), level for level as Pillow 13 makes it: a pass
// over lines and one over columns, in fixed point, antialiased where it shrinks.
Image resize_image(const Image& image, int64_t height, int64_t width, ImageFilter filter);

}  // namespace millrace
