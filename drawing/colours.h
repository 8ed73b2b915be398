#pragma once
#include <cstdint>

namespace millrace {

struct Colour {
  uint8_t red = 0, green = 0, blue = 0;
  bool operator==(const Colour&) const = default;
};

constexpr int64_t kClassColours = 256;  // from then on they come again

// The colour of a label, always the same: the first labels' are as far apart for the eye as colours can be,
// and the more there are, the nearer they come. None is grey, nearly black or nearly white.
Colour class_colour(int64_t index);

// Black or white, whichever can be read better on it.
Colour text_colour_on(Colour background);

}  // namespace millrace
