#include <gtest/gtest.h>

#include "tests/nodes/ticking_stream.h"

namespace millrace {
namespace {

TEST(LiveStream, MinutesOnTheVirtualClockAreHeardWholeAndInTime) {
  constexpr int64_t kPeriods = 100;
  const auto ticked = testing::tick(kPeriods);
  EXPECT_EQ(ticked.segments, kPeriods);
  EXPECT_GE(ticked.partials, kPeriods);
  EXPECT_EQ(ticked.gaps, 0);
  EXPECT_EQ(ticked.out_of_time, 0);
  EXPECT_EQ(ticked.processed, kPeriods * testing::kPeriod);
  EXPECT_EQ(ticked.dropped, 0);
  EXPECT_LT(ticked.growth, 1 << 20);
}

}  // namespace
}  // namespace millrace
