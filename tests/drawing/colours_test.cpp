#include "drawing/colours.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace millrace {
namespace {

int distance(Colour a, Colour b) {
  return std::abs(a.red - b.red) + std::abs(a.green - b.green) + std::abs(a.blue - b.blue);
}

double luminance(Colour colour) {
  const auto linear = [](uint8_t level) {
    return level < 11 ? level / 255. / 12.92 : std::pow((level / 255. + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

TEST(ClassColour, IsNoOthers) {
  for (int64_t i = 0; i < kClassColours; ++i)
    for (int64_t j = 0; j < i; ++j) EXPECT_NE(class_colour(i), class_colour(j)) << i << " and " << j;
}

TEST(ClassColour, OfTheFirstLabelsAreFarApart) {
  for (int64_t i = 0; i < 16; ++i)
    for (int64_t j = 0; j < i; ++j)
      EXPECT_GE(distance(class_colour(i), class_colour(j)), 75) << i << " and " << j;
}

TEST(ClassColour, IsNeverGrey) {
  for (int64_t i = 0; i < kClassColours; ++i) {
    const Colour colour = class_colour(i);
    const auto [least, most] = std::minmax({colour.red, colour.green, colour.blue});
    EXPECT_GE(most - least, 45) << i;
  }
}

TEST(ClassColour, ComesAgainBehindTheLast) {
  EXPECT_EQ(class_colour(kClassColours + 3), class_colour(3));
  EXPECT_EQ(class_colour(65535), class_colour(255));
}

TEST(TextColour, CanBeReadOnItsBackground) {
  EXPECT_EQ(text_colour_on({255, 255, 0}), (Colour{0, 0, 0}));
  EXPECT_EQ(text_colour_on({0, 0, 160}), (Colour{255, 255, 255}));
  // What the Web Content Accessibility Guidelines ask for.
  for (int64_t i = 0; i < kClassColours; ++i) {
    const double behind = luminance(class_colour(i)), text = luminance(text_colour_on(class_colour(i)));
    EXPECT_GE((std::max(behind, text) + 0.05) / (std::min(behind, text) + 0.05), 4.5) << i;
  }
}

}  // namespace
}  // namespace millrace
