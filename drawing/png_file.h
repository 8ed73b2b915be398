#pragma once
#include <string>

#include "encoders/class_map.h"
#include "preprocess/image.h"

namespace millrace {

// The bytes of a PNG file.
std::string encode_png(const Image& image);

// A picture of one channel whose levels are the labels' indices: 8 bits, or 16 of models with more than 256
// labels.
std::string encode_png(const ClassMap& map, int64_t labels);

}  // namespace millrace
