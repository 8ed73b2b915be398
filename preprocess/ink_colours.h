#pragma once
#include <cstdint>

namespace millrace {

// What is left of light, 0 to 255, behind an ink and the black beside it, 255 where there is all of it; as
// Pillow turns CMYK to RGB.
inline uint8_t light_behind(int ink, int black) {
  const int white = 255 - black, product = ink * white + 128;
  return static_cast<uint8_t>(white - (((product >> 8) + product) >> 8));
}

}  // namespace millrace
