#include "nodes/model_encoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "nodes/model_cache.h"
#include "tests/nodes/sample_clips.h"

namespace millrace {
namespace {

TEST(ModelEncoder, GivesEachOfABatchWhatItGetsAlone) {
  Resources resources;
  resources.emplace<ModelCache>();
  const ModelEncoder encoder({.model = kTinyWhisper}, resources);
  std::vector<ModelEncoder::In> batch;
  for (const float loudness : {0.1f, -0.7f, 1.3f}) {
    std::vector<float> features(80 * 42);
    for (size_t i = 0; i < features.size(); ++i) features[i] = loudness * std::sin(static_cast<float>(i));
    batch.push_back({.features = make_ref(LogMelFrames{Tensor::from<float>({80, 42}, features)})});
  }
  const auto together = encoder(batch);
  ASSERT_EQ(together.size(), batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto alone = encoder(batch[i]);
    ASSERT_EQ(together[i].states.values.shape(), alone.states.values.shape());
    EXPECT_TRUE(std::ranges::equal(together[i].states.values.bytes(), alone.states.values.bytes()));
  }
}

TEST(ModelEncoder, RefusesWindowsOfDifferentLengths) {
  Resources resources;
  resources.emplace<ModelCache>();
  const ModelEncoder encoder({.model = kTinyWhisper}, resources);
  const std::vector<ModelEncoder::In> batch = {
      {.features = make_ref(LogMelFrames{Tensor(DType::float32, {8, 10})})},
      {.features = make_ref(LogMelFrames{Tensor(DType::float32, {8, 12})})}};
  EXPECT_THROW(encoder(batch), Error);
}

}  // namespace
}  // namespace millrace
