#include "cli/latency_tally.h"

#include <gtest/gtest.h>

#include <limits>

namespace millrace::cli {
namespace {

TEST(LatencyTally, KnowsTheMedianToTheMillisecond) {
  LatencyTally tally;
  EXPECT_FALSE(tally.median());
  for (const double seconds : {0.2, 0.0304, 0.9}) tally.add(seconds);
  EXPECT_EQ(tally.median(), 0.2);
  tally.add(0.1);
  tally.add(0.1);
  EXPECT_EQ(tally.median(), 0.1);
}

TEST(LatencyTally, TakesWhateverComes) {
  LatencyTally tally;
  tally.add(std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(tally.median());
  tally.add(-1);
  EXPECT_EQ(tally.median(), 0);
  for (int i = 0; i < 3; ++i) tally.add(1e9);
  EXPECT_EQ(tally.median(), 60);
}

}  // namespace
}  // namespace millrace::cli
