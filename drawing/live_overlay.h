#pragma once
#include <limits>
#include <string>
#include <vector>

#include "preprocess/image.h"

namespace millrace {

struct LiveLabel {
  std::string text;
  double score = 0;  // 0 to 1
};

// What is told over a live picture; a number that is none is left out.
struct LiveOverlay {
  std::vector<LiveLabel> labels;  // the likeliest first
  double frames_per_second = std::numeric_limits<double>::quiet_NaN();
  double latency_seconds = std::numeric_limits<double>::quiet_NaN();
};

// The picture with the labels and bars of their scores at its lower left, as many as half its height has room
// for, and the rate and latency at its upper right. Sizes go with the picture's; what has no room is left
// out.
Image draw_live_overlay(const Image& image, const LiveOverlay& overlay);

// The picture, darkened, with a few words in its middle: that no others come.
Image draw_notice(const Image& image, const std::string& text);

}  // namespace millrace
