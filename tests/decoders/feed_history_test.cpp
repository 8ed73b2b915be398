#include "decoders/feed_history.h"

#include <gmock/gmock.h>

namespace millrace {
namespace {

using testing::ElementsAre;

constexpr int64_t kOfAll = 0;

// `length`: of the sequence when more than these are to follow.
std::vector<float> fed(FeedHistory& history, int slot, int64_t position, std::vector<float> embeddings,
                       int64_t length = kOfAll, int64_t width = 1) {
  if (length == kOfAll) length = position + std::ssize(embeddings) / width;
  const auto whole = history.feed(slot, position, length, embeddings);
  return whole ? std::vector<float>(whole->begin(), whole->end()) : std::vector<float>();
}

TEST(FeedHistory, BeginsAnewWhereASequenceOutgrowsTheLimit) {
  FeedHistory history(/*slots=*/2, /*limit=*/3, /*width=*/1);
  EXPECT_TRUE(fed(history, 1, 0, {1, 2}).empty());
  EXPECT_TRUE(fed(history, 1, 2, {3}).empty());
  EXPECT_THAT(fed(history, 1, 3, {4}), ElementsAre(1, 2, 3, 4));
  EXPECT_TRUE(fed(history, 1, 4, {5, 6}).empty());
}

TEST(FeedHistory, LeavesSequencesThatBeginLongAsTheyAre) {
  FeedHistory history(1, 3, 2);
  EXPECT_TRUE(fed(history, 0, 0, {1, 1, 2, 2, 3, 3, 4, 4}, kOfAll, 2).empty());
  EXPECT_TRUE(fed(history, 0, 4, {5, 5}, kOfAll, 2).empty());
}

TEST(FeedHistory, TakesAPartOfALongPromptAsLong) {
  FeedHistory history(1, 3, 1);
  EXPECT_TRUE(fed(history, 0, 0, {1, 2}, 5).empty());
  EXPECT_TRUE(fed(history, 0, 2, {3, 4}, 5).empty());
  EXPECT_TRUE(fed(history, 0, 4, {5}, 5).empty());
}

TEST(FeedHistory, BeginsAnewWhereALongSequenceWasCutShort) {
  FeedHistory history(1, 3, 1);
  EXPECT_TRUE(fed(history, 0, 0, {1, 2, 3, 4}).empty());
  EXPECT_THAT(fed(history, 0, 1, {7}), ElementsAre(1, 7));
  EXPECT_TRUE(fed(history, 0, 2, {8}).empty());
  EXPECT_THAT(fed(history, 0, 3, {9, 10}), ElementsAre(1, 7, 8, 9, 10));
}

TEST(FeedHistory, FollowsTheSlots) {
  FeedHistory history(2, 2, 1);
  EXPECT_TRUE(fed(history, 0, 0, {1, 2}).empty());
  EXPECT_TRUE(fed(history, 1, 0, {3, 4}).empty());
  history.reorder(std::vector{1, 1});
  EXPECT_THAT(fed(history, 0, 2, {5}), ElementsAre(3, 4, 5));
  EXPECT_THAT(fed(history, 1, 2, {6}), ElementsAre(3, 4, 6));
}

}  // namespace
}  // namespace millrace
