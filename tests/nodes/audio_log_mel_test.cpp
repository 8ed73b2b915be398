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

}  // namespace
}  // namespace millrace
