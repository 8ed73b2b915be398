#include "models/layers/position_buckets.h"

#include <gmock/gmock.h>

#include <numeric>

namespace millrace {
namespace {

using testing::ElementsAre;

TEST(PositionBuckets, OfTheTrainedSizeAreItsPositions) {
  for (const int64_t size : {1, 4, 7, 16, 24, 32}) {
    std::vector<int64_t> all(static_cast<size_t>(size));
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(position_buckets(size, size, size), all) << size;
  }
}

TEST(PositionBuckets, OfOtherSizesAreTheNearestBefore) {
  EXPECT_THAT(position_buckets(8, 8, 4), ElementsAre(0, 0, 1, 1, 2, 2, 3, 3));
  EXPECT_THAT(position_buckets(2, 2, 4), ElementsAre(0, 2));
  EXPECT_THAT(position_buckets(4, 2, 4), ElementsAre(0, 2, 3, 3)) << "two patches are of the picture";
}

// What torch's rounding makes of 25 and of 19 positions (torch 2.15).
TEST(PositionBuckets, AreRoundedAsTorchRounds) {
  const auto of = [](int64_t size) { return position_buckets(size, size, size); };
  EXPECT_THAT(of(25), ElementsAre(0, 1, 2, 3, 4, 4, 6, 7, 8, 8, 9, 10, 11, 12, 14, 14, 16, 17, 17, 19, 19, 21,
                                  22, 22, 24));
  EXPECT_THAT(of(19), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 13, 14, 15, 16, 17, 18));
}

}  // namespace
}  // namespace millrace
