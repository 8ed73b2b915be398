#include "drawing/lettering.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace {
namespace {

constexpr uint8_t kPaper = 255;

Image paper(int64_t height, int64_t width) {
  Image image(height, width);
  std::ranges::fill(image.pixels, kPaper);
  return image;
}

// The columns and rows that are not paper.
struct Ink {
  int64_t left = INT64_MAX, right = -1, top = INT64_MAX, bottom = -1;
};

Ink ink_of(const Image& image) {
  Ink ink;
  for (int64_t y = 0; y < image.height; ++y)
    for (int64_t x = 0; x < image.width; ++x)
      if (image.row(y)[x * Image::kChannels] != kPaper) {
        ink.left = std::min(ink.left, x);
        ink.right = std::max(ink.right, x);
        ink.top = std::min(ink.top, y);
        ink.bottom = std::max(ink.bottom, y);
      }
  return ink;
}

TEST(Lettering, IsAsLargeAsItSays) {
  for (const int64_t height : {9, 14, 33, 70}) {
    const Lettering lettering(height);
    Image image = paper(300, 900);
    lettering.write(image, "Hxg", 50, 150, {0, 0, 0});
    const Ink ink = ink_of(image);
    EXPECT_NEAR(static_cast<double>(ink.top), 150. - static_cast<double>(height), 2. + height / 10.)
        << height;
    EXPECT_LE(ink.bottom, 151 + lettering.descent() + height / 10) << height;
    EXPECT_GE(ink.left, 49) << height;
    EXPECT_LE(ink.right, 50 + lettering.width_of("Hxg") + height / 10) << height;
  }
}

TEST(Lettering, IsCutOffAtThePicturesEdges) {
  Image image = paper(10, 10);
  Lettering(40).write(image, "everything", -20, 12, {0, 0, 0});
  Lettering(9).write(image, "", 3, 3, {0, 0, 0});
  EXPECT_EQ(image.pixels.size(), 300u);
}

TEST(Lettering, GoesWithThePicture) {
  EXPECT_LT(Lettering::for_picture(300, 400).height(), Lettering::for_picture(3000, 4000).height());
  EXPECT_EQ(Lettering::for_picture(1, 1).height(), 9);
  EXPECT_EQ(Lettering::for_picture(10000, 10000).height(), 96);
}

TEST(Lettering, IsShortenedToItsRoom) {
  const Lettering lettering(12);
  const std::string text = "a rather long label";
  EXPECT_EQ(lettering.fitted(text, lettering.width_of(text)), text);
  const std::string shorter = lettering.fitted(text, 80);
  EXPECT_TRUE(shorter.ends_with("..")) << shorter;
  EXPECT_TRUE(text.starts_with(shorter.substr(0, shorter.size() - 2))) << shorter;
  EXPECT_LE(lettering.width_of(shorter), 80);
  EXPECT_EQ(lettering.fitted(text, 3), "");
}

TEST(PlainLetters, AreAscii) {
  EXPECT_EQ(plain_letters("tree 12 %"), "tree 12 %");
  EXPECT_EQ(plain_letters("café Ärmel ﬁn"), "cafe Armel fin");
  EXPECT_EQ(plain_letters("猫 a"), "? a");
  EXPECT_EQ(plain_letters("a\nb"), "a?b");
  for (const char c : plain_letters("\xff\xfe broken \xc3")) EXPECT_TRUE(c >= ' ' && c <= '~');
}

}  // namespace
}  // namespace millrace
