#include "drawing/box_overlay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace {
namespace {

constexpr Colour kRed{230, 20, 20}, kBlue{20, 60, 230};

Image grey(int64_t height, int64_t width) {
  Image image(height, width);
  std::ranges::fill(image.pixels, uint8_t{128});
  return image;
}

Colour at(const Image& image, int64_t y, int64_t x) {
  const uint8_t* pixel = image.row(y) + x * Image::kChannels;
  return {pixel[0], pixel[1], pixel[2]};
}

int64_t count_of(const Image& image, Colour colour) {
  int64_t count = 0;
  for (int64_t y = 0; y < image.height; ++y)
    for (int64_t x = 0; x < image.width; ++x) count += at(image, y, x) == colour;
  return count;
}

TEST(DrawBoxes, DrawsLinesAtTheEdges) {
  const DrawnBox box{.left = 40.4, .top = 60, .right = 150, .bottom = 119.6, .colour = kRed, .text = ""};
  const Image drawn = draw_boxes(grey(200, 300), std::span(&box, 1));
  for (const int64_t x : {40, 90, 149}) {
    EXPECT_EQ(at(drawn, 60, x), kRed) << x;
    EXPECT_EQ(at(drawn, 119, x), kRed) << x;
  }
  EXPECT_EQ(at(drawn, 90, 40), kRed);
  EXPECT_EQ(at(drawn, 90, 149), kRed);
  for (const auto& [y, x] : {std::pair{59, 90}, {120, 90}, {90, 39}, {90, 150}, {90, 90}})
    EXPECT_EQ(at(drawn, y, x), (Colour{128, 128, 128})) << y << ", " << x;
}

TEST(DrawBoxes, DrawsTheFirstOnTop) {
  const DrawnBox boxes[] = {{.left = 10, .top = 10, .right = 90, .bottom = 90, .colour = kRed, .text = ""},
                            {.left = 10, .top = 10, .right = 90, .bottom = 60, .colour = kBlue, .text = ""}};
  const Image drawn = draw_boxes(grey(100, 100), boxes);
  EXPECT_EQ(at(drawn, 10, 50), kRed);
  EXPECT_EQ(at(drawn, 59, 50), kBlue);
}

TEST(DrawBoxes, HasTagsInsideThePicture) {
  // Tags count by their filled area: all of it has to be there, wherever the box is.
  const auto filled = [](double left, double top) {
    const DrawnBox box{
        .left = left, .top = top, .right = left + 60, .bottom = top + 50, .colour = kRed, .text = "teapot"};
    return count_of(draw_boxes(grey(300, 400), std::span(&box, 1)), kRed);
  };
  const int64_t middle = filled(150, 150);
  for (const auto& [left, top] : {std::pair{0., 0.}, {340., 0.}, {0., 250.}, {340., 250.}})
    EXPECT_NEAR(static_cast<double>(filled(left, top)), static_cast<double>(middle),
                0.15 * static_cast<double>(middle))
        << left << ", " << top;
}

TEST(DrawBoxes, KeepsTagsOffEachOther) {
  // Boxes around the same thing: what is above them is the first one's tag, which no other hides.
  std::vector<DrawnBox> boxes;
  for (int i = 0; i < 6; ++i)
    boxes.push_back({.left = 100,
                     .top = 100,
                     .right = 500,
                     .bottom = 400,
                     .colour = i == 0 ? kRed : kBlue,
                     .text = "cat"});
  const auto count_above = [&](size_t first) {
    const Image drawn = draw_boxes(grey(600, 800), std::span(boxes).first(first));
    int64_t count = 0;
    for (int64_t y = 0; y < 100; ++y)
      for (int64_t x = 0; x < 300; ++x) count += at(drawn, y, x) == kRed;
    return count;
  };
  EXPECT_GT(count_above(1), 100);
  EXPECT_EQ(count_above(6), count_above(1));
}

TEST(DrawBoxes, HasWiderLinesInLargerPictures) {
  const DrawnBox box{.left = 100, .top = 100, .right = 1900, .bottom = 1900, .colour = kRed, .text = ""};
  const Image drawn = draw_boxes(grey(2000, 2000), std::span(&box, 1));
  EXPECT_EQ(at(drawn, 109, 1000), kRed);
  EXPECT_NE(at(drawn, 115, 1000), kRed);
}

TEST(DrawBoxes, TakesAnyNumbers) {
  const double odd = std::numeric_limits<double>::quiet_NaN(),
               endless = std::numeric_limits<double>::infinity();
  const DrawnBox boxes[] = {
      {.left = -50, .top = -1e9, .right = 1e9, .bottom = 3, .colour = kRed, .text = "far away"},
      {.left = odd, .top = odd, .right = endless, .bottom = -endless, .colour = kBlue, .text = "nowhere"},
      {.left = 9, .top = 9, .right = 2, .bottom = 1, .colour = kRed, .text = "turned around"}};
  for (const auto& [height, width] : {std::pair{1, 1}, {2, 300}, {300, 2}, {50, 60}}) {
    const Image drawn = draw_boxes(grey(height, width), boxes);
    EXPECT_EQ(drawn.pixels.size(), static_cast<size_t>(height * width * 3));
    EXPECT_GT(count_of(drawn, kRed), 0);
  }
}

}  // namespace
}  // namespace millrace
