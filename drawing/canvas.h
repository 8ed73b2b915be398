#pragma once
#include <opencv2/core.hpp>

#include "drawing/colours.h"
#include "preprocess/image.h"

namespace millrace {

// The picture's own pixels for OpenCV's functions, red first.
inline cv::Mat canvas_of(Image& image) {
  return {static_cast<int>(image.height), static_cast<int>(image.width), CV_8UC3, image.pixels.data()};
}

inline cv::Scalar scalar_of(Colour colour) { return cv::Scalar(colour.red, colour.green, colour.blue); }

}  // namespace millrace
