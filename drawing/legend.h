#pragma once
#include <span>
#include <string>

#include "drawing/colours.h"
#include "preprocess/image.h"

namespace millrace {

struct LegendEntry {
  Colour colour;
  std::string text;
};

// The picture with a legend below, line after line on white, in letters that go with its size. A picture
// narrower than an entry gets white at its right.
Image with_legend(const Image& image, std::span<const LegendEntry> entries);

}  // namespace millrace
