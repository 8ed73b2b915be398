#include "decoders/speech/hallucination.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TimedTokens segment(double start, double end, double probability) {
  TimedTokens made{.start = start, .end = end, .tokens = {}, .words = {}};
  const double middle = (start + end) / 2;
  made.words.push_back(
      {.word = " a", .tokens = {}, .start = start, .end = middle, .probability = probability});
  made.words.push_back({.word = " b", .tokens = {}, .start = middle, .end = end, .probability = probability});
  return made;
}

TEST(Hallucination, IsWordsThatAreImprobableOrOfUnlikelyLength) {
  EXPECT_FALSE(is_anomalous(segment(0, 1, 0.9)));
  EXPECT_TRUE(is_anomalous(segment(0, 1, 0.1)));
  EXPECT_TRUE(is_anomalous(segment(0, 0.1, 0.9)));
  EXPECT_TRUE(is_anomalous(segment(0, 8, 0.9)));
  EXPECT_FALSE(is_anomalous({}));
}

TEST(Hallucination, AtTheBeginningSkipsTheSilenceBeforeIt) {
  const auto verdict = find_hallucination({segment(5, 6, 0.05)}, {.threshold = 2});
  EXPECT_TRUE(verdict.drop_all);
  EXPECT_DOUBLE_EQ(verdict.next_start.value(), 5);
}

TEST(Hallucination, AmidSilenceIsDroppedWithWhatFollows) {
  const std::vector<TimedTokens> segments = {segment(1, 2, 0.9), segment(10, 11, 0.05), segment(20, 21, 0.9)};
  const auto verdict = find_hallucination(segments, {.threshold = 2});
  EXPECT_FALSE(verdict.drop_all);
  EXPECT_EQ(verdict.kept, 1u);
  EXPECT_DOUBLE_EQ(verdict.next_start.value(), 10);
}

TEST(Hallucination, AtTheVeryEndEndsTheRecording) {
  const std::vector<TimedTokens> segments = {segment(1, 2, 0.9), segment(28, 29, 0.05)};
  const auto verdict = find_hallucination(segments, {.threshold = 2, .content_end = 29.5, .last = true});
  EXPECT_EQ(verdict.kept, 1u);
  EXPECT_DOUBLE_EQ(verdict.next_start.value(), 29.5);
}

TEST(Hallucination, NextToSpeechIsBelieved) {
  const std::vector<TimedTokens> segments = {segment(8, 10, 0.9), segment(10, 11, 0.05),
                                             segment(11, 12, 0.9)};
  const auto verdict = find_hallucination(segments, {.threshold = 2});
  EXPECT_EQ(verdict.kept, 3u);
  EXPECT_FALSE(verdict.next_start.has_value());
}

}  // namespace
}  // namespace millrace
