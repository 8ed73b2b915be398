#pragma once
#include <cstdint>

#include "drawing/colours.h"
#include "preprocess/image.h"

namespace millrace {

struct PixelBox {
  int64_t left = 0, top = 0, width = 0, height = 0;
};

// Fills a box with round corners, smooth at its edges, over the picture: opacity 1 covers it. What lies
// outside of the picture is cut off.
void fill_rounded(Image& image, const PixelBox& box, double radius, Colour colour, double opacity);

}  // namespace millrace
