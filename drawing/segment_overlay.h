#pragma once
#include "encoders/class_map.h"
#include "preprocess/image.h"

namespace millrace {

// The picture with each pixel in its label's colour, blended with it (0: the picture alone, 1: the colours
// alone), and full along the borders between labels. A coarser or finer map is stretched over the picture.
Image draw_segments(const Image& image, const ClassMap& map, double opacity);

}  // namespace millrace
