#include "nodes/talk_listen.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/nodes/sample_clips.h"

namespace millrace {
namespace {

// `seconds` of a tone, or of silence, in live blocks of a tenth of a second.
class TalkListenTest : public testing::Test {
 protected:
  TalkListenTest() { start({}); }

  void start(TalkListen::Params params) {
    params.method = SpeechDetector::Method::energy;
    node_ = std::make_unique<TalkListen>(params, resources_);
    state_ = node_->begin();
    at_ = 0;
  }
  std::vector<TalkListen::Out> hear(double seconds, bool speech) {
    Emit<TalkListen::Out> emit;
    for (int64_t block = 0; block < std::llround(seconds * 10); ++block) {
      AudioClip clip = clip_of(1600, at_, 0);
      for (size_t i = 0; speech && i < clip.samples.size(); ++i)
        clip.samples[i] = 0.3f * std::sin(0.2f * static_cast<float>(i));
      clip.began_at = 100;
      (*node_)(state_, {.clip = make_ref(std::move(clip))}, emit);
      at_ += 0.1;
    }
    return emit.take();
  }
  std::vector<TalkListen::Out> finish() {
    Emit<TalkListen::Out> emit;
    node_->flush(state_, emit);
    return emit.take();
  }

  Resources resources_;
  std::unique_ptr<TalkListen> node_;
  TalkListen::State state_;
  double at_ = 0;
};

TEST_F(TalkListenTest, AnUtteranceIsWhatLiesBetweenSilences) {
  EXPECT_TRUE(hear(1, false).empty());
  EXPECT_TRUE(hear(2, true).empty());
  const auto said = hear(1, false);
  ASSERT_EQ(said.size(), 1U);
  const auto& [clip, utterance] = said.front();
  EXPECT_EQ(utterance.turn.number, 1);
  EXPECT_TRUE(utterance.ends);
  EXPECT_NEAR(utterance.start, 1, 0.06);
  EXPECT_NEAR(utterance.end, 3, 0.06);
  EXPECT_NEAR(clip.seconds_at(0), 0.8, 0.06);
  EXPECT_EQ(clip.began_at, 100);
  hear(1, true);
  const auto next = hear(1, false);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next.front().utterance.turn.number, 2);
  EXPECT_EQ(next.front().clip.position, clip.length());
  EXPECT_TRUE(finish().empty());
}

TEST_F(TalkListenTest, SpeechThatBeginsCancelsBeforeItEnds) {
  hear(1, false);
  hear(1, true);
  const auto said = hear(1, false);
  ASSERT_EQ(said.size(), 1U);
  const Turn& turn = said.front().utterance.turn;
  hear(0.2, true);
  EXPECT_FALSE(turn.cancelled());  // a cough
  hear(0.3, true);
  EXPECT_TRUE(turn.cancelled());
}

TEST_F(TalkListenTest, ACoughCancelsNothing) {
  hear(1, false);
  hear(1, true);
  const auto said = hear(1, false);
  hear(0.2, true);
  EXPECT_TRUE(hear(2, false).empty());
  EXPECT_FALSE(said.at(0).utterance.turn.cancelled());
}

TEST_F(TalkListenTest, LongUtterancesGoOnInTheNextClip) {
  TalkListen::Params params;
  params.max_speech_duration_s = 3;
  start(params);
  hear(1, false);
  auto said = hear(7, true);
  for (auto& out : hear(1, false)) said.push_back(std::move(out));
  ASSERT_GE(said.size(), 3U);
  for (size_t i = 0; i < said.size(); ++i) {
    EXPECT_EQ(said[i].utterance.turn.number, 1);
    EXPECT_EQ(said[i].utterance.ends, i + 1 == said.size());
    EXPECT_LE(said[i].clip.length(), 3 * kSpeechRate);
  }
}

TEST_F(TalkListenTest, TheEndOfTheSoundEndsAnUtterance) {
  hear(1, false);
  hear(1, true);
  const auto said = finish();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_TRUE(said.front().utterance.ends);
  EXPECT_FALSE(said.front().utterance.turn.cancelled());
}

TEST_F(TalkListenTest, ButNotWhereAPersonLeaves) {
  const auto stop = std::make_shared<StopToken>();
  resources_.set(stop);
  start({});
  hear(1, false);
  hear(1, true);
  stop->cancel();
  EXPECT_TRUE(finish().empty());
}

TEST_F(TalkListenTest, WithoutBargeInItIsDeafWhileItSpeaks) {
  for (const bool barge_in : {false, true}) {
    TalkListen::Params params;
    params.barge_in = barge_in;
    start(params);
    hear(1, false);
    hear(1, true);
    const auto said = hear(1, false);
    ASSERT_EQ(said.size(), 1U);
    const Turn& turn = said.front().utterance.turn;
    turn.floor->starts_speaking(100 + at_);
    hear(2, true);
    EXPECT_EQ(turn.cancelled(), barge_in);
    turn.floor->stops_speaking(100 + at_);
    EXPECT_EQ(hear(1, false).size(), barge_in ? 1U : 0U);
    hear(1, true);
    EXPECT_TRUE(turn.cancelled());
    const auto next = hear(1, false);
    ASSERT_EQ(next.size(), 1U);
    EXPECT_EQ(next.front().utterance.turn.number, barge_in ? 3 : 2);
  }
}

TEST_F(TalkListenTest, StreamsHaveTurnsOfTheirOwn) {
  hear(1, false);
  hear(1, true);
  const auto said = hear(1, false);
  auto other = node_->begin();
  std::swap(state_, other);
  hear(1, false);
  hear(1, true);
  EXPECT_EQ(hear(1, false).at(0).utterance.turn.number, 1);
  EXPECT_FALSE(said.at(0).utterance.turn.cancelled());
}

}  // namespace
}  // namespace millrace
