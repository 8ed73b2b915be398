#include "decoders/speech/segment_times.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

// Two seconds from 5 s on, and then what follows 60 s.
TimeMap cut() { return TimeMap({{.first_sample = 0, .seconds = 5}, {.first_sample = 32000, .seconds = 60}}); }

TEST(TimeMap, GivesTheRecordingsTime) {
  const TimeMap map = cut();
  EXPECT_DOUBLE_EQ(map.start_at(0), 5);
  EXPECT_DOUBLE_EQ(map.start_at(1.5), 6.5);
  EXPECT_DOUBLE_EQ(map.start_at(3), 61);
}

TEST(TimeMap, AtAJoinStartsAreAfterItAndEndsBefore) {
  EXPECT_DOUBLE_EQ(cut().start_at(2), 60);
  EXPECT_DOUBLE_EQ(cut().end_at(2), 7);
}

TEST(TimeMap, WithoutPiecesTimesAreTheRecordings) { EXPECT_DOUBLE_EQ(TimeMap().end_at(12.5), 12.5); }

TEST(SetTimes, AWordStaysWhereItsMiddleIs) {
  const TimeMap map = cut();
  double latest = 0;
  Segment segment;
  TimedTokens timed{.start = 11.5, .end = 13, .tokens = {}, .words = {}};
  timed.words.push_back(
      {.word = "a", .tokens = {}, .start = 11.5, .end = 12.25, .probability = 1});  // mostly before
  timed.words.push_back({.word = "b", .tokens = {}, .start = 12.25, .end = 13, .probability = 1});
  set_times(segment, timed, {.map = map, .offset = 10, .content_end = 40}, latest);
  EXPECT_DOUBLE_EQ(segment.words[0].start, 6.5);
  EXPECT_DOUBLE_EQ(segment.words[0].end, 7.25);
  EXPECT_DOUBLE_EQ(segment.words[1].start, 60.25);
  EXPECT_DOUBLE_EQ(segment.end, 61);
  EXPECT_DOUBLE_EQ(latest, 61);
}

TEST(SetTimes, NothingGoesBackOrBeyondTheSound) {
  const TimeMap map;
  double latest = 3;
  Segment segment;
  set_times(segment, {.start = 1, .end = 9, .tokens = {}, .words = {}},
            {.map = map, .offset = 0, .content_end = 5}, latest);
  EXPECT_DOUBLE_EQ(segment.start, 3);
  EXPECT_DOUBLE_EQ(segment.end, 5);
}

}  // namespace
}  // namespace millrace
