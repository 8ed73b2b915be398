#include <gtest/gtest.h>

#include "tests/nodes/ticking_stream.h"

namespace millrace {
namespace {

TEST(LiveDay, ADayOfSpeechLeavesMemoryFlatAndTimesExact) {
  constexpr int64_t kDay = 16875;  // periods: 86,400 s
  const auto ticked = testing::tick(kDay);
  EXPECT_EQ(ticked.segments, kDay);
  EXPECT_EQ(ticked.out_of_time, 0);
  EXPECT_NEAR(ticked.last_end, 86400 - testing::kPeriodSeconds + testing::kSilentSeconds, 0.02);
  EXPECT_EQ(ticked.processed, kDay * testing::kPeriod);
  EXPECT_LT(ticked.growth, 1 << 20);
}

}  // namespace
}  // namespace millrace
