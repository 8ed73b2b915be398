#include "drawing/live_overlay.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "drawing/rounded_box.h"

namespace millrace {
namespace {

Image grey(int64_t height, int64_t width) {
  Image image(height, width);
  std::ranges::fill(image.pixels, uint8_t{128});
  return image;
}

struct Changes {
  int64_t left = 1 << 20, top = 1 << 20, right = -1, bottom = -1, count = 0;
};

// Where two pictures differ, in a part of them.
Changes changes(const Image& a, const Image& b) {
  Changes found;
  for (int64_t y = 0; y < a.height; ++y)
    for (int64_t x = 0; x < a.width; ++x) {
      if (std::equal(a.row(y) + 3 * x, a.row(y) + 3 * x + 3, b.row(y) + 3 * x)) continue;
      found.left = std::min(found.left, x), found.right = std::max(found.right, x);
      found.top = std::min(found.top, y), found.bottom = std::max(found.bottom, y);
      ++found.count;
    }
  return found;
}

int64_t blue_pixels(const Image& image) {
  int64_t count = 0;
  for (int64_t i = 0; i < image.height * image.width; ++i)
    count += image.pixels[static_cast<size_t>(3 * i + 2)] > image.pixels[static_cast<size_t>(3 * i)] + 80;
  return count;
}

TEST(LiveOverlay, PutsLabelsAtTheLowerLeft) {
  const Image plain = grey(480, 640);
  const Image drawn = draw_live_overlay(plain, {.labels = {{"espresso", 0.9}, {"cup", 0.05}}});
  const Changes where = changes(plain, drawn);
  EXPECT_GT(where.count, 5000);
  EXPECT_LT(where.right, 480);
  EXPECT_GT(where.top, 240);
  EXPECT_GT(where.left, 2);
  EXPECT_LT(where.bottom, 478);
}

TEST(LiveOverlay, PutsNumbersAtTheUpperRight) {
  const Image plain = grey(480, 640);
  const Image drawn =
      draw_live_overlay(plain, {.labels = {}, .frames_per_second = 24.8, .latency_seconds = 0.038});
  const Changes where = changes(plain, drawn);
  EXPECT_GT(where.count, 500);
  EXPECT_GT(where.left, 320);
  EXPECT_LT(where.bottom, 100);
  EXPECT_GT(changes(drawn, draw_live_overlay(plain, {.labels = {}, .frames_per_second = 24.8})).count, 100);
}

TEST(LiveOverlay, HasBarsAsLongAsTheScores) {
  const auto bar = [](double score) {
    return static_cast<double>(blue_pixels(draw_live_overlay(grey(480, 640), {.labels = {{"", score}}})));
  };
  EXPECT_EQ(bar(0), 0);
  EXPECT_NEAR(bar(0.25) / bar(1), 0.25, 0.06);
  EXPECT_NEAR(bar(0.5) / bar(1), 0.5, 0.06);
  EXPECT_EQ(bar(7), bar(1));
}

TEST(LiveOverlay, CoversAtMostHalfOfThePicture) {
  LiveOverlay overlay{.labels = {}, .frames_per_second = 30, .latency_seconds = 0.1};
  for (int i = 0; i < 50; ++i)
    overlay.labels.push_back({"a label that is far too long for any picture", 0.5});
  for (const auto& [height, width] :
       {std::pair{1, 1}, {13, 17}, {48, 64}, {240, 320}, {1080, 1920}, {2000, 30}}) {
    const Image plain = grey(height, width);
    const Changes where = changes(plain, draw_live_overlay(plain, {.labels = overlay.labels}));
    EXPECT_TRUE(where.count == 0 || where.top >= height / 2 - height / 20) << height << " x " << width;
    draw_live_overlay(plain, overlay);
  }
}

TEST(LiveOverlay, KeepsThePicturesTime) {
  Image plain = grey(48, 64);
  plain.seconds = 3;
  plain.began_at = 4;
  const Image drawn = draw_live_overlay(plain, {});
  EXPECT_EQ(drawn.seconds, 3);
  EXPECT_EQ(drawn.began_at, 4);
  EXPECT_EQ(drawn.pixels, plain.pixels) << "there was nothing to tell";
}

TEST(Notice, DarkensAllOfThePicture) {
  const Image plain = grey(240, 320);
  const Image drawn = draw_notice(plain, "no picture for 3 s");
  EXPECT_EQ(changes(plain, drawn).count, 240 * 320);
  EXPECT_LT(drawn.pixels.front(), 90);
}

TEST(RoundedBox, FillsTheBoxButItsCorners) {
  Image image = grey(40, 60);
  fill_rounded(image, {10, 5, 30, 20}, 6, {200, 0, 0}, 1);
  const auto red = [&](int64_t y, int64_t x) { return image.row(y)[3 * x]; };
  EXPECT_EQ(red(15, 25), 200);
  EXPECT_EQ(red(15, 10), 200);
  EXPECT_EQ(red(15, 39), 200);
  EXPECT_EQ(red(5, 25), 200);
  EXPECT_EQ(red(24, 25), 200);
  EXPECT_EQ(red(5, 10), 128) << "a corner";
  EXPECT_EQ(red(24, 39), 128);
  EXPECT_EQ(red(15, 9), 128);
  EXPECT_EQ(red(15, 40), 128);
}

TEST(RoundedBox, BlendsAndStaysInside) {
  Image image = grey(10, 10);
  fill_rounded(image, {-5, -5, 30, 30}, 3, {228, 28, 128}, 0.5);
  EXPECT_EQ(image.row(5)[15], 178);
  EXPECT_EQ(image.row(5)[16], 78);
  EXPECT_EQ(image.row(9)[29], 128);
}

}  // namespace
}  // namespace millrace
