#include "encoders/voice_activity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/error.h"

namespace millrace {
namespace {

std::string bytes_of(const std::string& name) {
  std::ifstream file(MILLRACE_SOURCE_DIR "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<float> golden(const std::string& name) {
  const std::string bytes = bytes_of("tests/golden/preprocess/voice_activity_" + name + ".f32");
  std::vector<float> values(bytes.size() / sizeof(float));
  std::copy_n(bytes.data(), bytes.size(), reinterpret_cast<char*>(values.data()));
  return values;
}

std::vector<float> kennedy() {
  const std::string bytes = bytes_of("samples/kennedy.wav").substr(44);
  std::vector<float> samples;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto low = static_cast<unsigned char>(bytes[i]);
    samples.push_back(static_cast<float>(static_cast<signed char>(bytes[i + 1]) * 256 + low) / 32768.0f);
  }
  return samples;
}

// The generator of tests/golden/preprocess/voice_activity.py.
std::vector<float> noise(size_t count) {
  uint64_t state = 12345;
  std::vector<float> samples(count);
  for (float& sample : samples) {
    state = (state * 1103515245 + 12345) % (1ull << 31);
    sample = (static_cast<float>(state) / 2147483648.0f - 0.5f) * 0.6f;
  }
  return samples;
}

void expect_equal(std::vector<float> samples, const std::string& name) {
  const VoiceActivityNetwork network;
  samples.resize((samples.size() + 511) / 512 * 512);
  const auto expected = golden(name);
  VoiceActivityNetwork::State state;
  const auto probabilities = network(state, samples);
  ASSERT_EQ(probabilities.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(probabilities[i], expected[i], 1e-5) << name << ' ' << i;
}

TEST(VoiceActivityNetwork, EqualsTheOnnxFile) {
  expect_equal(kennedy(), "kennedy");
  expect_equal(noise(100 * 512), "noise");
  expect_equal(std::vector<float>(50 * 512), "silence");
  const auto speech = kennedy();
  std::vector<float> mixed(speech.begin(), speech.begin() + 50'000);
  for (float& sample : mixed) sample *= 0.05f;
  for (const float sample : noise(30'000)) mixed.push_back(0.2f * sample);
  mixed.insert(mixed.end(), speech.begin() + 60'000, speech.begin() + 90'000);
  expect_equal(mixed, "mixed");
}

TEST(VoiceActivityNetwork, ChunksOneByOneGiveTheSame) {
  const VoiceActivityNetwork network;
  const auto samples = noise(150 * 512);
  VoiceActivityNetwork::State together, apart;
  const auto expected = network(together, samples);
  for (size_t first = 0, chunks = 1; first < expected.size(); first += chunks, chunks = chunks % 7 + 1) {
    chunks = std::min(chunks, expected.size() - first);
    const auto part = network(apart, std::span(samples).subspan(first * 512, chunks * 512));
    for (size_t i = 0; i < chunks; ++i) ASSERT_NEAR(part[i], expected[first + i], 1e-6);
  }
  EXPECT_TRUE(network(apart, {}).empty());
}

TEST(VoiceActivityNetwork, PartOfAChunkIsAnError) {
  const VoiceActivityNetwork network;
  VoiceActivityNetwork::State state;
  EXPECT_THROW(network(state, std::vector<float>(511)), Error);
}

TEST(VoiceActivityNetwork, MissingOrMisshapenWeightsAreErrorsThatNameThem) {
  try {
    VoiceActivityNetwork network(NamedTensors{{"stft.weight", Tensor(DType::float32, {258, 256})}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    EXPECT_NE(error.message().find("stft.weight"), std::string::npos);
    EXPECT_NE(error.message().find("[258, 256]"), std::string::npos);
  }
  EXPECT_THROW(VoiceActivityNetwork(NamedTensors{}), Error);
}

}  // namespace
}  // namespace millrace
