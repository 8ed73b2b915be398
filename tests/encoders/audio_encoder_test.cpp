#include "encoders/audio_encoder.h"

#include <gmock/gmock.h>

#include <cstring>
#include <random>
#include <thread>

#include "models/architecture_library.h"
#include "models/config.h"

namespace millrace {
namespace {

const std::string kFolder = MILLRACE_SOURCE_DIR "/tests/golden/speech/heads_of_12";

std::shared_ptr<const AudioEncoder> load() {
  const auto checkpoint = open_checkpoint(kFolder);
  const auto architecture = load_architectures().of_model_type("whisper", kFolder);
  const auto weights =
      std::make_shared<const Weights>(checkpoint, architecture.checkpoints.at("safetensors"), LoadOptions{});
  return std::make_shared<AudioEncoder>(
      resolve_settings(architecture, read_config(kFolder), *checkpoint).at("encoder"),
      WeightScope(weights, "encoder"));
}

Tensor random_features(int64_t windows, int64_t frames) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  Tensor features(DType::float32, {windows, 80, frames});
  for (int64_t i = 0; i < features.count(); ++i) features.mutable_data<float>()[i] = normal(random);
  return features;
}

Tensor window(const Tensor& batch, int64_t index) {
  const int64_t count = batch.count() / batch.dim(0);
  return Tensor::from<float>(
      {1, batch.dim(1), batch.dim(2)},
      batch.values<float>().subspan(static_cast<size_t>(index * count), static_cast<size_t>(count)));
}

bool equal(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::memcmp(a.bytes().data(), b.bytes().data(), a.bytes().size()) == 0;
}

TEST(AudioEncoder, KnowsItsSizes) {
  const auto encoder = load();
  EXPECT_EQ(encoder->bands(), 80);
  EXPECT_EQ(encoder->width(), 24);
  EXPECT_EQ(encoder->positions(), 21);
  EXPECT_EQ(encoder->frames(), 42);
}

TEST(AudioEncoder, GivesEachWindowOfABatchWhatItGetsAlone) {
  const auto encoder = load();
  const Tensor features = random_features(300, 42);  // more than go through the layers together
  const Tensor states = encoder->encode(features);
  ASSERT_EQ(states.shape(), (Shape{300, 21, 24}));
  for (const int64_t i : {0, 1, 150, 284, 285, 286, 299})
    EXPECT_TRUE(equal(window(states, i), encoder->encode(window(features, i)))) << i;
}

TEST(AudioEncoder, TakesShorterWindows) {
  EXPECT_EQ(load()->encode(random_features(2, 31)).shape(), (Shape{2, 16, 24}));
}

TEST(AudioEncoder, ServesSeveralThreads) {
  const auto encoder = load();
  const Tensor features = random_features(2, 42), expected = encoder->encode(features);
  std::vector<Tensor> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back([&] { result = encoder->encode(features); });
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_TRUE(equal(result, expected));
}

}  // namespace
}  // namespace millrace
