#include "nodes/audio_voice_activity.h"

#include <gtest/gtest.h>

#include "graph/node_runner.h"
#include "tests/nodes/sample_clips.h"

namespace millrace {
namespace {

using Method = AudioVoiceActivity::Method;

std::vector<AudioClip> speech(const AudioVoiceActivity::Params& params,
                              const std::vector<AudioClip>& blocks) {
  Resources resources;
  std::vector<AudioVoiceActivity::In> stream;
  for (const AudioClip& block : blocks) stream.push_back({.clip = make_ref(block)});
  std::vector<AudioClip> clips;
  for (auto& out : run_node(AudioVoiceActivity(params, resources), stream))
    clips.push_back(std::move(out.clip));
  return clips;
}

double seconds_of(const std::vector<AudioClip>& clips) {
  int64_t samples = 0;
  for (const AudioClip& clip : clips) samples += clip.length();
  return static_cast<double>(samples) / kSpeechRate;
}

TEST(AudioVoiceActivity, LeavesSilenceOutAndKeepsTheTime) {
  const auto blocks = blocks_of(kKennedy, 20, 20);
  for (const Method method : {Method::silero, Method::energy}) {
    const auto clips = speech({.method = method}, blocks);
    ASSERT_FALSE(clips.empty());
    EXPECT_GT(seconds_of(clips), 8);
    EXPECT_LT(seconds_of(clips), 13);
    EXPECT_NEAR(clips.front().seconds_at(0), 20, 0.6);
    EXPECT_NEAR(clips.back().seconds_at(clips.back().length()), 31, 1.5);
  }
}

TEST(AudioVoiceActivity, FindsNoneInSilence) {
  EXPECT_TRUE(speech({}, {clip_of(160'000, 0, 0)}).empty());
  EXPECT_TRUE(speech({.method = Method::energy}, {clip_of(160'000, 0, 0)}).empty());
}

TEST(AudioVoiceActivity, LetsEverythingPassWhenSwitchedOff) {
  EXPECT_DOUBLE_EQ(seconds_of(speech({.method = Method::none}, blocks_of(kKennedy, 2, 3))), 16);
}

TEST(AudioVoiceActivity, CutsLongSpeech) {
  for (const AudioClip& clip :
       speech({.max_speech_duration_s = 4, .min_silence_duration_ms = 160}, blocks_of(kKennedy)))
    EXPECT_LE(clip.length(), 4 * kSpeechRate);
}

}  // namespace
}  // namespace millrace
