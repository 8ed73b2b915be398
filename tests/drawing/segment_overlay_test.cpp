#include "drawing/segment_overlay.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "drawing/colours.h"

namespace millrace {
namespace {

Image grey(int64_t height, int64_t width, uint8_t level) {
  Image image(height, width);
  std::ranges::fill(image.pixels, level);
  return image;
}

Colour at(const Image& image, int64_t y, int64_t x) {
  const uint8_t* pixel = image.row(y) + x * Image::kChannels;
  return {pixel[0], pixel[1], pixel[2]};
}

// The left half is label 2, the right half label 5.
ClassMap halves(int64_t height, int64_t width) {
  ClassMap map(height, width);
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x) map.row(y)[x] = x < width / 2 ? 2 : 5;
  return map;
}

TEST(DrawSegments, BlendsAndKeepsBordersFull) {
  const Image drawn = draw_segments(grey(20, 40, 100), halves(20, 40), 0.5);
  for (const auto& [x, label] : {std::pair{int64_t{3}, 2}, {int64_t{36}, 5}}) {
    const Colour seen = at(drawn, 10, x), full = class_colour(label);
    EXPECT_NEAR(seen.red, (100 + full.red) / 2., 1);
    EXPECT_NEAR(seen.green, (100 + full.green) / 2., 1);
    EXPECT_NEAR(seen.blue, (100 + full.blue) / 2., 1);
  }
  EXPECT_EQ(at(drawn, 10, 19), class_colour(2));
  EXPECT_EQ(at(drawn, 10, 20), class_colour(5));
}

TEST(DrawSegments, IsThePictureWithoutOpacity) {
  const Image image = grey(9, 13, 77);
  EXPECT_EQ(draw_segments(image, halves(9, 13), 0).pixels, image.pixels);
}

TEST(DrawSegments, IsTheColoursAloneWithAllOpacity) {
  const Image drawn = draw_segments(grey(9, 12, 77), halves(9, 12), 1);
  for (int64_t x = 0; x < 12; ++x) EXPECT_EQ(at(drawn, 4, x), class_colour(x < 6 ? 2 : 5));
}

TEST(DrawSegments, StretchesAMapOfAnotherSize) {
  for (const auto& [height, width] : {std::pair<int64_t, int64_t>{3, 4}, {200, 160}}) {
    const Image drawn = draw_segments(grey(21, 16, 0), halves(height, width), 1);
    for (int64_t y = 0; y < 21; ++y)
      for (int64_t x = 0; x < 16; ++x) EXPECT_EQ(at(drawn, y, x), class_colour(x < 8 ? 2 : 5));
  }
}

TEST(DrawSegments, HasWiderBordersInLargerPictures) {
  const Image drawn = draw_segments(grey(1500, 1600, 0), halves(1500, 1600), 0.5);
  for (int64_t x = 797; x < 803; ++x) EXPECT_EQ(at(drawn, 700, x), class_colour(x < 800 ? 2 : 5)) << x;
  EXPECT_NE(at(drawn, 700, 790), class_colour(2));
}

}  // namespace
}  // namespace millrace
