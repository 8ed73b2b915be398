#include "devices/live_video.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace millrace {
namespace {

TEST(RateLimit, TakesAsManyAsAreWanted) {
  RateLimit limit(10);
  int taken = 0;
  for (int i = 0; i < 300; ++i) taken += limit.takes(i / 30.);  // ten seconds of thirty a second
  EXPECT_EQ(taken, 100);
}

TEST(RateLimit, DoesNotMakeUpForAPause) {
  RateLimit limit(10);
  EXPECT_TRUE(limit.takes(0));
  EXPECT_TRUE(limit.takes(5));
  EXPECT_FALSE(limit.takes(5.05));
  EXPECT_TRUE(limit.takes(5.1));
}

TEST(RateLimit, TakesAllWithoutALimit) {
  RateLimit limit(0);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limit.takes(i * 1e-3));
}

TEST(LiveVideo, SaysWhichCameraIsNotThere) {
  const auto clock = std::make_shared<SystemClock>();
  for (const std::string source : {"/dev/video99", "http://127.0.0.1:1/stream"}) {
    const double before = clock->now();
    const auto video = open_live_video(source, {}, clock, nullptr);
    try {
      video->next();
      FAIL() << source;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::io);
      EXPECT_THAT(error.what(), testing::HasSubstr(source));
      EXPECT_THAT(error.what(), testing::HasSubstr("cannot be opened as a camera: see that"));
    }
    EXPECT_LT(clock->now() - before, 4);
  }
}

TEST(LiveVideo, EndsWhileACameraIsNotThere) {
  const auto clock = std::make_shared<SystemClock>();
  const auto stop = std::make_shared<CancelToken>();
  stop->cancel();
  const auto video = open_live_video("/dev/video99", {}, clock, stop);
  EXPECT_FALSE(video->next());
}

}  // namespace
}  // namespace millrace
