#include "encoders/smoothed_scores.h"

#include <gtest/gtest.h>

#include <cmath>

namespace millrace {
namespace {

TEST(SmoothedScores, AreTheScoresThemselvesWithoutSmoothing) {
  SmoothedScores smoothed(0);
  smoothed.add({{1, 0.7}, {2, 0.3}}, 0);
  smoothed.add({{3, 1.}}, 0.1);
  ASSERT_EQ(smoothed.scores().size(), 1u);
  EXPECT_EQ(smoothed.scores().at(3), 1);
}

TEST(SmoothedScores, KeepWhatHardlyScores) {
  SmoothedScores smoothed(0);
  smoothed.add({{1, 1.}, {2, 1e-30}, {3, 0.}}, 0);
  EXPECT_EQ(smoothed.scores().size(), 3u);
}

TEST(SmoothedScores, FallByATimeConstant) {
  SmoothedScores smoothed(2);
  smoothed.add({{1, 0.8}}, 10);
  EXPECT_EQ(smoothed.scores().at(1), 0.8);
  smoothed.add({{2, 0.8}}, 12);
  EXPECT_NEAR(smoothed.scores().at(1), 0.8 * std::exp(-1), 1e-12);
  EXPECT_NEAR(smoothed.scores().at(2), 0.8 * (1 - std::exp(-1)), 1e-12);
}

// The same scores for so long weigh the same, however many pictures that is.
TEST(SmoothedScores, DoNotDependOnThePace) {
  SmoothedScores slow(0.5), fast(0.5);
  slow.add({{1, 1.}}, 0);
  fast.add({{1, 1.}}, 0);
  slow.add({{2, 1.}}, 1);
  for (int i = 1; i <= 100; ++i) fast.add({{2, 1.}}, i / 100.);
  EXPECT_NEAR(slow.scores().at(1), fast.scores().at(1), 1e-12);
  EXPECT_NEAR(slow.scores().at(2), fast.scores().at(2), 1e-12);
}

TEST(SmoothedScores, ForgetWhatIsLongPast) {
  SmoothedScores smoothed(0.1);
  smoothed.add({{1, 1.}}, 0);
  smoothed.add({{2, 1.}}, 10);
  EXPECT_EQ(smoothed.scores().count(1), 0u);
}

}  // namespace
}  // namespace millrace
