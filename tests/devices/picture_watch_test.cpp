#include "devices/picture_watch.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

constexpr double kBegan = 100;

// Thirty pictures a second from `from` until `to`, all the same but for the first, or all different.
void play(PictureWatch& watch, double from, double to, bool moving = true) {
  for (int i = 0; from + i / 30. < to; ++i) {
    watch.look(from + i / 30.);
    watch.picture(from + i / 30., moving || i == 0);
  }
}

TEST(PictureWatch, KnowsOfNoGapWhilePicturesCome) {
  PictureWatch watch("camera");
  EXPECT_FALSE(watch.began());
  play(watch, kBegan, kBegan + 5);
  EXPECT_TRUE(watch.began());
  EXPECT_FALSE(watch.take_gap(kBegan, kBegan + 5));
}

TEST(PictureWatch, GivesTheGapOfPicturesThatStayedAway) {
  PictureWatch watch("camera");
  play(watch, kBegan, kBegan + 2.01);  // the last at 2.0
  watch.look(kBegan + 2.99);           // within a second
  const auto open = watch.take_gap(kBegan, kBegan + 3);
  ASSERT_TRUE(open);
  EXPECT_NEAR(open->start, 2, 1e-9);
  EXPECT_NEAR(open->seconds, 1, 1e-9);
  EXPECT_FALSE(watch.take_gap(kBegan)) << "it goes on";
  watch.picture(kBegan + 4.5, true);
  const auto gap = watch.take_gap(kBegan);
  ASSERT_TRUE(gap);
  EXPECT_NEAR(gap->start, 2, 1e-9);
  EXPECT_NEAR(gap->seconds, 2.5, 1e-9);
  EXPECT_EQ(gap->why, "no pictures come");
  EXPECT_FALSE(watch.take_gap(kBegan, kBegan + 5)) << "told twice";
}

TEST(PictureWatch, DoesNotTakeAShortWaitForAGap) {
  PictureWatch watch("camera");
  play(watch, kBegan, kBegan + 2.01);
  watch.look(kBegan + 2.5);
  watch.picture(kBegan + 2.8, true);
  EXPECT_FALSE(watch.take_gap(kBegan, kBegan + 2.9));
}

TEST(PictureWatch, GivesTheGapOfAFrozenPictureWhenItMovesAgain) {
  PictureWatch watch("camera");
  play(watch, kBegan, kBegan + 1);
  play(watch, kBegan + 1, kBegan + 4, false);
  EXPECT_FALSE(watch.take_gap(kBegan)) << "it goes on";
  watch.picture(kBegan + 4, true);
  const auto gap = watch.take_gap(kBegan);
  ASSERT_TRUE(gap);
  EXPECT_NEAR(gap->start, 1, 1e-9);
  EXPECT_NEAR(gap->seconds, 3, 1e-9);
  EXPECT_NE(gap->why.find("frozen"), std::string::npos);
}

TEST(PictureWatch, EndsALossWithWhateverPictureComes) {
  PictureWatch watch("camera");
  watch.picture(kBegan, true);
  watch.lost(kBegan + 0.1, "the camera was lost");
  watch.look(kBegan + 2);  // the same trouble
  watch.picture(kBegan + 3, false);
  const auto gap = watch.take_gap(kBegan);
  ASSERT_TRUE(gap);
  EXPECT_NEAR(gap->start, 0, 1e-9);
  EXPECT_NEAR(gap->seconds, 3, 1e-9);
  EXPECT_EQ(gap->why, "the camera was lost");
}

TEST(PictureWatch, GetsUsedToSlowCameras) {
  PictureWatch watch("camera");
  for (double now = kBegan; now < kBegan + 20; now += 2) {
    watch.look(now);
    watch.picture(now, true);
    if (now == kBegan + 2) watch.take_gap(kBegan);  // it had to be learnt
  }
  EXPECT_FALSE(watch.take_gap(kBegan, kBegan + 20));
}

}  // namespace
}  // namespace millrace
