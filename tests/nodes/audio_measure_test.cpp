#include "nodes/audio_measure.h"

#include <gtest/gtest.h>

#include "nodes/model_cache.h"
#include "tests/nodes/sample_clips.h"

namespace millrace {
namespace {

TEST(AudioMeasure, KnowsHowLoudAndHowLongARecordingIs) {
  Resources resources;
  const LogMel log_mel(*resources.emplace<ModelCache>().get(kTinyWhisper)->log_mel);
  const AudioMeasure node({.model = kTinyWhisper}, resources);
  const auto measure = node({.path = make_ref(kKennedy)}).measure;
  const auto source = open_audio(kKennedy, {});
  ASSERT_TRUE(measure.loudest && measure.seconds);
  EXPECT_EQ(*measure.loudest, log_mel.loudest(*source));
  EXPECT_DOUBLE_EQ(*measure.seconds, 11.0);
}

TEST(AudioMeasure, LeavesWhatCanBeReadOnlyOnceUnmeasured) {
  Resources resources;
  resources.emplace<ModelCache>();
  const AudioMeasure node({.model = kTinyWhisper}, resources);
  const auto measure = node({.path = make_ref(std::string("-"))}).measure;
  EXPECT_FALSE(measure.loudest);
  EXPECT_FALSE(measure.seconds);
}

}  // namespace
}  // namespace millrace
