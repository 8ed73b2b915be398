#include "devices/capture_time.h"

#include <gtest/gtest.h>

#include <random>

namespace millrace {
namespace {

TEST(CaptureTime, FollowsADriftingClockThroughHoursOfJitter) {
  for (const double drift : {-1e-4, 0.0, 1e-4}) {
    CaptureTime time;
    std::mt19937 random(1);
    std::exponential_distribution<double> late(1 / 0.02);
    double worst = 0;
    for (double now = 0; now < 12 * 3600; now += 0.1) {
      time.observe(drift * now + late(random), now);
      if (now > 10) worst = std::max(worst, std::abs(time.zero_at() - drift * now));
      ASSERT_EQ(time.missing(), 0) << now;
    }
    EXPECT_LT(worst, 0.015);  // a device's clock is then four seconds off
  }
}

TEST(CaptureTime, TellsOfWhatIsMissing) {
  CaptureTime time;
  for (double now = 0; now < 10; now += 0.02) time.observe(5, now);
  EXPECT_EQ(time.missing(), 0);
  double told_at = 0;
  for (double now = 10; now < 12 && told_at == 0; now += 0.02) {
    time.observe(5.4, now);
    if (time.missing() > 0) told_at = now;
  }
  EXPECT_NEAR(time.missing(), 0.4, 1e-9);
  EXPECT_LT(told_at, 11);
  EXPECT_GT(told_at, 10.3);
}

}  // namespace
}  // namespace millrace
