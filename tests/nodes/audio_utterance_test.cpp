#include "nodes/audio_utterance.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "tests/nodes/sample_clips.h"

namespace millrace {
namespace {

// A clock that a test sets.
class SetClock : public StreamClock {
 public:
  double now() const override { return seconds; }
  bool wait_until(double, const CancelToken*) override { return true; }
  double seconds = 0;
};

class AudioUtteranceTest : public ::testing::Test {
 protected:
  static AudioClip block(double start, double seconds, bool speech) {
    AudioClip clip = clip_of(std::llround(seconds * kSpeechRate), start, 0);
    for (size_t i = 0; speech && i < clip.samples.size(); ++i)
      clip.samples[i] = 0.3f * static_cast<float>(std::sin(static_cast<double>(i)));
    clip.began_at = 0;
    return clip;
  }
  static AudioUtterance::Params by_loudness() {
    AudioUtterance::Params params;
    params.method = SpeechDetector::Method::energy;
    return params;
  }
  Resources& with_clock() {
    resources_.set<StreamClock>(clock_);
    resources_.set<SpeechAccount>(account_);
    return resources_;
  }
  // Calls the node as the runtime does; windows are answered when the test says so.
  void call(const AudioUtterance::In& in) {
    Emit<AudioUtterance::Out> emit;
    node_(state_, in, emit);
    for (auto& out : emit.take()) given_.push_back(std::move(out));
  }
  void push(AudioClip clip) { call({.clip = make_ref(std::move(clip)), .step = nullptr}); }
  void answer() { call({.clip = nullptr, .step = make_ref(WindowStep{0})}); }

  std::shared_ptr<SetClock> clock_ = std::make_shared<SetClock>();
  std::shared_ptr<SpeechAccount> account_ = std::make_shared<SpeechAccount>();
  Resources resources_;
  AudioUtterance node_{by_loudness(), with_clock()};
  AudioUtterance::State state_ = node_.begin();
  std::vector<AudioUtterance::Out> given_;
};

TEST_F(AudioUtteranceTest, TakesInWhatWaitsBeforeItGivesAWindow) {
  for (int i = 0; i < 10; ++i) {  // silence, then speech, each block as it is captured
    clock_->seconds = 0.1 * (i + 1);
    push(block(0.1 * i, 0.1, i >= 3));
  }
  ASSERT_EQ(given_.size(), 1u);
  // A second later the window is answered; ten blocks have come meanwhile.
  clock_->seconds = 2;
  answer();
  for (int i = 10; i < 20; ++i) {
    EXPECT_EQ(given_.size(), 1u) << "before block " << i;
    push(block(0.1 * i, 0.1, true));
  }
  ASSERT_EQ(given_.size(), 2u);
  const AudioClip& clip = given_.back().clip;
  EXPECT_NEAR(clip.seconds_at(clip.length()), 2, 0.032);
  EXPECT_EQ(given_.back().window.end, UtteranceEnd::goes_on);
}

TEST_F(AudioUtteranceTest, ADeviceThatIsAlwaysLateIsNotWaitedFor) {
  for (int i = 0; i < 20; ++i) {
    clock_->seconds = 0.1 * (i + 1) + 0.8;
    push(block(0.1 * i, 0.1, i >= 3));
    if (!given_.empty() && state_.waiting) answer();
  }
  EXPECT_GE(given_.size(), 4u);
}

TEST_F(AudioUtteranceTest, TellsOfGapsOnceAndCountsToTheSample) {
  push(block(0, 0.1, false));
  push(block(0.1, 0.1, false));
  push(block(1.7, 0.1, false));
  ASSERT_EQ(given_.size(), 1u);
  ASSERT_EQ(given_[0].window.gaps.size(), 1u);
  EXPECT_NEAR(given_[0].window.gaps[0].start, 0.2, 1e-9);
  EXPECT_NEAR(given_[0].window.gaps[0].seconds, 1.5, 1e-9);
  EXPECT_EQ(given_[0].clip.length(), 0);
  answer();
  push(block(1.8, 0.05, false));
  EXPECT_EQ(given_.size(), 1u);
  EXPECT_EQ(account_->total().processed, 3 * 1600 + 800);
  EXPECT_EQ(account_->total().dropped, 24000);
}

TEST_F(AudioUtteranceTest, TheStreamsEndEndsTheUtterance) {
  for (int i = 0; i < 10; ++i) {
    clock_->seconds = 0.1 * (i + 1);
    push(block(0.1 * i, 0.1, i >= 3));
  }
  if (state_.waiting) answer();
  Emit<AudioUtterance::Out> emit;
  node_.flush(state_, emit);
  const auto last = emit.take();
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].window.end, UtteranceEnd::over);
  EXPECT_GT(last[0].clip.length(), 0);
}

TEST_F(AudioUtteranceTest, RefusesWhatMakesNoSense) {
  AudioUtterance::Params params;
  params.step = 0;
  EXPECT_THROW(AudioUtterance(params, resources_), Error);
}

}  // namespace
}  // namespace millrace
