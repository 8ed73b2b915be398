#include "preprocess/speech_segmenter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/error.h"
#include "speech_cases.h"

namespace millrace {
namespace {

std::vector<SpeechSegment> drain(SpeechSegmenter& segmenter) {
  std::vector<SpeechSegment> segments;
  while (const auto segment = segmenter.next()) segments.push_back(*segment);
  return segments;
}

std::vector<SpeechSegment> segments_of(const VoiceActivityOptions& options,
                                       const std::vector<double>& probabilities, int64_t samples) {
  SpeechSegmenter segmenter(options);
  for (const double probability : probabilities) segmenter.push(probability);
  segmenter.finish(samples);
  return drain(segmenter);
}

TEST(SpeechSegmenter, FindsWhatFasterWhisperAndSileroFind) {
  ASSERT_GT(speech_cases().size(), 40u);
  for (const SpeechCase& one : speech_cases())
    EXPECT_EQ(segments_of(one.options, one.probabilities, one.samples), one.expected) << one.name;
}

// What is handed out along the way is never revised, what is called certain stays so, and nothing starts
// before undecided_from().
TEST(SpeechSegmenter, DecidesForGood) {
  for (const SpeechCase& one : speech_cases()) {
    SpeechSegmenter segmenter(one.options);
    std::vector<SpeechSegment> found;
    int64_t last_end = 0;
    for (const double probability : one.probabilities) {
      segmenter.push(probability);
      for (const SpeechSegment& segment : drain(segmenter)) found.push_back(segment);
      ASSERT_LE(found.size(), one.expected.size());
      const SpeechSegment certain = segmenter.certain();
      if (certain.end > certain.start) {
        ASSERT_LT(found.size(), one.expected.size());
        EXPECT_EQ(certain.start, one.expected[found.size()].start);
        EXPECT_LE(certain.end, one.expected[found.size()].end);
        EXPECT_GE(certain.end, last_end);
        last_end = certain.end;
      }
      if (found.size() < one.expected.size()) {
        EXPECT_LE(segmenter.undecided_from(), one.expected[found.size()].start) << one.name;
      }
    }
    segmenter.finish(one.samples);
    for (const SpeechSegment& segment : drain(segmenter)) found.push_back(segment);
    EXPECT_EQ(found, one.expected) << one.name;
  }
}

TEST(SpeechSegmenter, DoesNotHoldBackLongerThanItsOptionsSay) {
  VoiceActivityOptions options;
  options.min_speech_duration_ms = 250;
  SpeechSegmenter segmenter(options);
  std::mt19937 random(1);
  int64_t decided = 0;
  for (int64_t i = 1; i <= 20'000; ++i) {
    const bool speech = (i / 100) % 3 != 0;
    segmenter.push(speech && random() % 40 != 0 ? 0.9 : 0.0);
    for (const SpeechSegment& segment : drain(segmenter)) decided = segment.end;
    decided = std::max({decided, segmenter.undecided_from(), segmenter.certain().end});
    ASSERT_LE(i * kVoiceActivityChunk - decided, (2000 + 2 * 400 + 250 + 64) * 16) << i;
  }
}

TEST(SpeechSegmenter, NothingGivesNothing) {
  EXPECT_TRUE(segments_of({}, {}, 0).empty());
  EXPECT_TRUE(segments_of({}, {0.1, 0.2, 0.49}, 1500).empty());
}

TEST(SpeechSegmenter, TellsHowLongTheCurrentSpeechIs) {
  VoiceActivityOptions options;
  options.min_silence_duration_ms = 100;
  options.max_speech_duration_s = 10;
  SpeechSegmenter segmenter(options);
  const auto push = [&](double probability, int chunks) {
    for (int i = 0; i < chunks; ++i) segmenter.push(probability);
    return segmenter.current_speech();
  };
  EXPECT_EQ(push(0, 5), 0);
  EXPECT_TRUE(segmenter.idle());
  EXPECT_EQ(push(1, 4), 3 * kVoiceActivityChunk);
  EXPECT_EQ(push(0, 2), 4 * kVoiceActivityChunk);  // silence that has not ended it yet
  EXPECT_EQ(push(1, 2), 7 * kVoiceActivityChunk);
  EXPECT_FALSE(segmenter.idle());
  EXPECT_EQ(push(0, 6), 0);
  EXPECT_FALSE(segmenter.idle());  // its padding is open
  push(0, 30);
  EXPECT_FALSE(segmenter.idle());  // nobody has taken it
  EXPECT_TRUE(segmenter.next());
  EXPECT_TRUE(segmenter.idle());
}

TEST(SpeechSegmenter, RefusesNonsense) {
  const auto refused = [](auto change) {
    VoiceActivityOptions options;
    change(options);
    EXPECT_THROW(SpeechSegmenter{options}, Error);
  };
  refused([](auto& o) { o.threshold = 1.5; });
  refused([](auto& o) { o.threshold = NAN; });
  refused([](auto& o) { o.neg_threshold = 0.6; });
  refused([](auto& o) { o.speech_pad_ms = -1; });
  refused([](auto& o) { o.min_silence_duration_ms = NAN; });
  refused([](auto& o) { o.min_speech_duration_ms = 1e18; });
  refused([](auto& o) { o.max_speech_duration_s = 0.5; });  // less than the padding
  refused([](auto& o) { o.max_speech_duration_s = NAN; });
}

}  // namespace
}  // namespace millrace
