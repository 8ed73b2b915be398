#pragma once
#include <span>
#include <string>

#include "drawing/colours.h"
#include "preprocess/image.h"

namespace millrace {

// A box in a picture's own pixels, its edges between them: [left, right) and [top, bottom).
struct DrawnBox {
  double left = 0, top = 0, right = 0, bottom = 0;
  Colour colour;
  std::string text;  // on its tag
};

// The picture with the boxes, the first on top, as lines with a tag at each. All stays inside the picture, in
// sizes that go with it; tags keep off each other where there is room.
Image draw_boxes(const Image& image, std::span<const DrawnBox> boxes);

}  // namespace millrace
