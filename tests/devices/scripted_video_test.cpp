#include "tests/devices/scripted_video.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

using Kind = ScriptedVideo::Step::Kind;

TEST(ScriptedVideo, GivesItsPicturesAndGapsAtTheirTimes) {
  const auto clock = std::make_shared<VirtualClock>();
  clock->wait_until(50, nullptr);
  ScriptedVideo video({{.kind = Kind::picture, .seconds = 0, .level = 10},
                       {.kind = Kind::picture, .seconds = 0.5, .level = 20},
                       {.kind = Kind::lost, .seconds = 0.6},
                       {.kind = Kind::picture, .seconds = 3600, .level = 30}},
                      3, 4, clock, nullptr);
  for (const auto& [seconds, level] : {std::pair{0., 10}, {0.5, 20}}) {
    const auto next = video.next();
    ASSERT_TRUE(next && next->image);
    EXPECT_EQ(next->image->seconds, seconds);
    EXPECT_EQ(next->image->began_at, 50);
    EXPECT_EQ(next->image->pixels.front(), level);
    EXPECT_FALSE(next->gap);
  }
  const auto back = video.next();
  ASSERT_TRUE(back && back->image && back->gap);
  EXPECT_EQ(clock->now(), 3650);
  EXPECT_DOUBLE_EQ(back->gap->start, 0.5);
  EXPECT_DOUBLE_EQ(back->gap->seconds, 3599.5);
  EXPECT_FALSE(video.next());
  EXPECT_EQ(video.finish().captured, 3);
}

TEST(ScriptedVideo, EndsWithTheGapThatGoesOn) {
  const auto clock = std::make_shared<VirtualClock>();
  ScriptedVideo video({{.kind = Kind::picture, .seconds = 0}, {.kind = Kind::lost, .seconds = 1}}, 3, 4,
                      clock, nullptr);
  EXPECT_TRUE(video.next()->image);
  const auto last = video.next();
  ASSERT_TRUE(last && last->gap);
  EXPECT_FALSE(last->image);
  EXPECT_FALSE(video.next());
}

}  // namespace
}  // namespace millrace
