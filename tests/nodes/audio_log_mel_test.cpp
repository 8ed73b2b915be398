#include "nodes/audio_log_mel.h"

#include <gtest/gtest.h>

#include "nodes/model_cache.h"
#include "tests/nodes/sample_clips.h"

namespace millrace {
namespace {

TEST(AudioLogMel, GivesTheModelsFeatures) {
  Resources resources;
  const LogMel log_mel(*resources.emplace<ModelCache>().get(kTinyWhisper)->log_mel);
  const AudioLogMel node({.model = kTinyWhisper}, resources);
  const AudioClip clip = blocks_of(kKennedy).front();
  const auto alone = node({.clip = make_ref(clip), .measure = nullptr}).mel.values;
  EXPECT_TRUE(std::ranges::equal(alone.bytes(), log_mel(clip).bytes()));
  // A louder place elsewhere in the recording raises the floor.
  const auto measured =
      node({.clip = make_ref(clip), .measure = make_ref(RecordingMeasure{.loudest = 9.f, .seconds = {}})});
  EXPECT_FALSE(std::ranges::equal(alone.bytes(), measured.mel.values.bytes()));
}

TEST(AudioLogMel, AShorterSilenceGivesTheSameFramesAndFewerOfThem) {
  Resources resources;
  resources.emplace<ModelCache>();
  const AudioClip clip = clip_of(1000);
  const auto whole =
      AudioLogMel({.model = kTinyWhisper}, resources)({.clip = make_ref(clip), .measure = nullptr});
  const auto frames = [&](double silence, double at_least, const AudioClip& of) {
    const AudioLogMel node({.model = kTinyWhisper, .silence = silence, .at_least = at_least}, resources);
    return node({.clip = make_ref(of), .measure = nullptr}).mel.values.dim(1);
  };
  EXPECT_EQ(frames(0.1, 0, clip), (1000 + 1600) / 160);
  EXPECT_EQ(frames(0.1, 0.3, clip), 4800 / 160);
  EXPECT_EQ(frames(30, 0, clip), whole.mel.values.dim(1)) << "no more than the model takes";
  EXPECT_EQ(frames(0.1, 0.3, clip_of(0)), 1600 / 160) << "a clip without sound costs little";
}

}  // namespace
}  // namespace millrace
