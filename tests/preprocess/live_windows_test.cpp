#include "preprocess/live_windows.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

// Speech is what is louder than silence.
std::vector<float> loudness(std::span<const float> samples) {
  std::vector<float> probabilities;
  for (size_t i = 0; i < samples.size(); i += kVoiceActivityChunk)
    probabilities.push_back(samples[i] != 0 || samples[i + kVoiceActivityChunk - 1] != 0 ? 1.f : 0.f);
  return probabilities;
}

struct Stretch {
  double seconds = 0;
  bool speech = false;
};

struct Given {
  double start = 0, end = 0;  // of the window in the stream; equal: nothing new
  UtteranceEnd how = UtteranceEnd::goes_on;
};

class LiveWindowsTest : public ::testing::Test {
 protected:
  // Plays it in blocks of a tenth of a second; each window is answered at once.
  void play(std::vector<Stretch> stretches, bool finish = true) {
    for (const Stretch& stretch : stretches)
      sound_.insert(sound_.end(), static_cast<size_t>(std::llround(stretch.seconds * kSpeechRate)),
                    stretch.speech ? 0.5f : 0.f);
    for (; sound_.size() >= 1600; sound_.erase(sound_.begin(), sound_.begin() + 1600)) {
      AudioClip block;
      block.samples.assign(sound_.begin(), sound_.begin() + 1600);
      block.spans = {{0, time_}};
      block.began_at = 100;
      time_ += 0.1;
      windows_.push(block);
      if (newest_) take();
    }
    if (!finish) return;
    windows_.finish();
    take();
  }
  void take() {
    while (const auto window = windows_.next(newest_)) {
      EXPECT_EQ(window->clip.began_at, 100);
      const double start = window->clip.seconds_at(0);
      given_.push_back(
          {start, start + static_cast<double>(window->clip.length()) / kSpeechRate, window->end});
      longest_ = std::max(longest_, window->clip.length());
      windows_.answered(settles_);
    }
  }
  std::vector<Given> of(UtteranceEnd how) const {
    std::vector<Given> found;
    for (const Given& window : given_)
      if (window.how == how) found.push_back(window);
    return found;
  }

  LiveWindowOptions options_;
  LiveWindows windows_{options_, [] { return SpeechProbabilities(loudness); }};
  std::vector<float> sound_;
  double time_ = 0;
  bool newest_ = true;
  int64_t settles_ = 0, longest_ = 0;
  std::vector<Given> given_;
};

TEST_F(LiveWindowsTest, HearsAnUtteranceAgainAndAgainFromItsStart) {
  play({{2, false}, {3, true}, {2, false}});
  const auto going = of(UtteranceEnd::goes_on);
  ASSERT_GE(going.size(), 8u);
  for (size_t i = 0; i < going.size(); ++i) {
    EXPECT_NEAR(going[i].start, 1.7, 0.05);
    if (i == 0) continue;
    EXPECT_GE(going[i].end - going[i - 1].end, 0.24);
  }
}

TEST_F(LiveWindowsTest, APauseIsHeardOnceAndSilenceMakesItFinal) {
  play({{2, false}, {3, true}, {2, false}});
  const auto pauses = of(UtteranceEnd::pause), over = of(UtteranceEnd::over);
  ASSERT_EQ(pauses.size(), 1u);
  EXPECT_NEAR(pauses[0].end, 5.15, 0.1);
  ASSERT_EQ(over.size(), 1u);
  EXPECT_EQ(over[0].start, over[0].end) << "nothing new is heard";
  EXPECT_EQ(given_.back().how, UtteranceEnd::over);
}

TEST_F(LiveWindowsTest, SpeechAfterAShortPauseGoesOn) {
  play({{1, false}, {2, true}, {0.25, false}, {2, true}, {1, false}});
  EXPECT_EQ(of(UtteranceEnd::pause).size(), 2u);
  EXPECT_EQ(of(UtteranceEnd::over).size(), 1u);
  EXPECT_NEAR(of(UtteranceEnd::pause)[1].start, 0.7, 0.05);
}

TEST_F(LiveWindowsTest, ItsEndIsFinalAtTheStreamsEnd) {
  play({{1, false}, {2.05, true}});
  ASSERT_EQ(of(UtteranceEnd::over).size(), 1u);
  EXPECT_EQ(given_.back().how, UtteranceEnd::over);
}

TEST_F(LiveWindowsTest, WhatIsSettledIsNotHeardAgain) {
  settles_ = 8000;
  play({{1, false}, {2, true}, {1, false}});
  const auto going = of(UtteranceEnd::goes_on);
  ASSERT_GE(going.size(), 2u);
  EXPECT_NEAR(going[1].start - going[0].start, 0.5, 0.001);
}

TEST_F(LiveWindowsTest, NothingUnfinishedIsHeardWhileYoungerSoundWaits) {
  newest_ = false;
  play({{1, false}, {2, true}, {1, false}, {1.5, true}, {1, false}}, false);
  take();
  ASSERT_EQ(given_.size(), 2u);  // the utterances as they are, in order
  EXPECT_NEAR(given_[0].start, 0.7, 0.05);
  EXPECT_NEAR(given_[0].end, 3.3, 0.05);
  EXPECT_NEAR(given_[1].start, 3.7, 0.05);
  EXPECT_NEAR(given_[1].end, 5.8, 0.05);
}

TEST_F(LiveWindowsTest, AJumpOfTimeEndsTheUtterance) {
  play({{1, false}, {2, true}}, false);
  time_ += 7.5;
  play({{2, true}, {1, false}});
  const auto over = of(UtteranceEnd::over);
  ASSERT_EQ(over.size(), 2u);
  EXPECT_NEAR(over[0].end, 3, 0.05);
  for (const Given& window : given_)
    EXPECT_TRUE(window.end <= 3.01 || window.start >= 10.49) << window.start << " to " << window.end;
}

TEST_F(LiveWindowsTest, EndlessSpeechIsCutAtAPauseAndNothingIsLost) {
  play({{20, true}, {0.2, false}, {40, true}, {1, false}});
  const auto over = of(UtteranceEnd::over);
  ASSERT_GE(over.size(), 3u);
  EXPECT_NEAR(over[0].end, 20.1, 0.1);
  EXPECT_NEAR(over[1].start, over[0].end, 0.001);
  EXPECT_NEAR(over[2].start, over[1].end, 0.001);
  EXPECT_LE(longest_, std::llround(26.2 * kSpeechRate));
}

TEST_F(LiveWindowsTest, AClickIsNoUtterance) {
  play({{1, false}, {0.05, true}, {2, false}});
  EXPECT_TRUE(given_.empty());
}

TEST(LiveWindows, RefusesWhatMakesNoSense) {
  const auto make = [] { return SpeechProbabilities(loudness); };
  EXPECT_THROW(LiveWindows({.longest_s = 0.1}, make), Error);
  EXPECT_THROW(LiveWindows({.step_s = 0}, make), Error);
  LiveWindows windows({}, make);
  AudioClip block;
  block.samples.resize(800);
  block.sample_rate = 8000;
  block.spans = {{0, 0}};
  EXPECT_THROW(windows.push(block), Error);
}

}  // namespace
}  // namespace millrace
