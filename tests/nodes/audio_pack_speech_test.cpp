#include "nodes/audio_pack_speech.h"

#include <gmock/gmock.h>

#include "graph/node_runner.h"
#include "tests/nodes/sample_clips.h"

namespace millrace {
namespace {

std::vector<AudioClip> packed(const AudioPackSpeech::Params& params, const std::vector<AudioClip>& segments) {
  Resources resources;
  std::vector<AudioPackSpeech::In> stream;
  for (const AudioClip& segment : segments) stream.push_back({.clip = make_ref(segment)});
  std::vector<AudioClip> clips;
  for (auto& out : run_node(AudioPackSpeech(params, resources), stream)) clips.push_back(std::move(out.clip));
  return clips;
}

TEST(AudioPackSpeech, PutsAsManySegmentsTogetherAsHaveRoom) {
  const auto clips = packed({.seconds = 1}, {clip_of(8000, 1), clip_of(4000, 5), clip_of(6000, 9)});
  ASSERT_EQ(clips.size(), 2u);
  EXPECT_EQ(clips[0].length(), 12'000);
  EXPECT_EQ(clips[0].position, 0);
  EXPECT_FALSE(clips[0].last);
  EXPECT_NEAR(clips[0].seconds_at(8000), 5, 1e-9);
  EXPECT_EQ(clips[1].position, 12'000);
  EXPECT_EQ(clips[1].length(), 6000);
  EXPECT_TRUE(clips[1].last);
}

TEST(AudioPackSpeech, BeginsAClipWithEachPartOfTheRecording) {
  std::vector<AudioClip> blocks;
  for (int i = 0; i < 10; ++i) blocks.push_back(clip_of(8000, i * 0.5));
  const auto clips = packed({.seconds = 30, .clip_timestamps = "0.5,1.75,2,4"}, blocks);
  ASSERT_EQ(clips.size(), 2u);
  EXPECT_DOUBLE_EQ(clips[0].seconds_at(0), 0.5);
  EXPECT_EQ(clips[0].length(), 20'000);
  EXPECT_FALSE(clips[0].last);
  EXPECT_DOUBLE_EQ(clips[1].seconds_at(0), 2);
  EXPECT_EQ(clips[1].length(), 32'000);
  EXPECT_TRUE(clips[1].last);
}

TEST(AudioPackSpeech, NothingGivesNothing) { EXPECT_TRUE(packed({}, {}).empty()); }

}  // namespace
}  // namespace millrace
