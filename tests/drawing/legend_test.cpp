#include "drawing/legend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "drawing/lettering.h"

namespace millrace {
namespace {

Image noise(int64_t height, int64_t width) {
  Image image(height, width);
  uint32_t state = 1;
  for (uint8_t& level : image.pixels)
    level = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  return image;
}

std::vector<LegendEntry> entries(int64_t count) {
  std::vector<LegendEntry> all;
  for (int64_t i = 0; i < count; ++i) all.push_back({class_colour(i), "label " + std::to_string(i)});
  return all;
}

int64_t count_of(const Image& image, int64_t first_row, Colour colour) {
  int64_t count = 0;
  for (int64_t y = first_row; y < image.height; ++y)
    for (int64_t x = 0; x < image.width; ++x) {
      const uint8_t* pixel = image.row(y) + x * Image::kChannels;
      count += Colour{pixel[0], pixel[1], pixel[2]} == colour;
    }
  return count;
}

void expect_picture_on_top(const Image& image, const Image& drawn) {
  for (int64_t y = 0; y < image.height; ++y)
    ASSERT_TRUE(std::equal(image.row(y), image.row(y) + image.width * Image::kChannels, drawn.row(y))) << y;
}

TEST(Legend, LeavesThePictureAndShowsEveryColourBelow) {
  const Image image = noise(200, 300);
  const auto all = entries(30);
  const Image drawn = with_legend(image, all);
  EXPECT_EQ(drawn.width, image.width);
  expect_picture_on_top(image, drawn);
  const int64_t edge = Lettering::for_picture(200, 300).height() * 3 / 2;
  for (const auto& entry : all) EXPECT_EQ(count_of(drawn, 200, entry.colour), edge * edge) << entry.text;
  // All around is white.
  EXPECT_EQ(count_of(drawn, drawn.height - 1, {255, 255, 255}), drawn.width);
}

TEST(Legend, GrowsWithItsEntries) {
  const Image image = noise(200, 300);
  EXPECT_LT(with_legend(image, entries(2)).height, with_legend(image, entries(40)).height);
  EXPECT_EQ(with_legend(image, {}).pixels, image.pixels);
}

TEST(Legend, WidensNarrowPictures) {
  const Image image = noise(50, 3);
  const Image drawn = with_legend(image, entries(3));
  EXPECT_GT(drawn.width, Lettering::for_picture(50, 3).width_of("label 0"));
  expect_picture_on_top(image, drawn);
}

TEST(Legend, MakesNoHugePictureOfALongStrip) {
  const Image image = noise(4'000'000, 1);
  EXPECT_EQ(with_legend(image, entries(2)).width, 1);
}

}  // namespace
}  // namespace millrace
