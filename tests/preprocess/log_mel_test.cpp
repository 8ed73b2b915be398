#include "preprocess/log_mel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <thread>

#include "base/error.h"
#include "synthetic_source.h"
#include "test_files.h"

namespace millrace {
namespace {

using testing::HasSubstr;

AudioClip kennedy() {
  AudioClip clip;
  clip.samples = read_all(*open_audio(sample_file("kennedy.wav")));
  return clip;
}

float chirp(int64_t i) {
  const double t = static_cast<double>(i) / kSpeechRate;
  return static_cast<float>(0.8 * std::sin(2 * std::numbers::pi * (100 * t + 120 * t * t)));
}

AudioClip chirp_clip(int64_t samples) {
  SyntheticSource source(samples, samples, chirp);
  return *source.next();
}

LogMelOptions with_bands(int bands) {
  LogMelOptions options;
  options.bands = bands;
  return options;
}

// The largest difference between every `step`th frame and the golden array.
double worst_error(const Tensor& features, const std::string& golden, int64_t step) {
  const auto expected = array_of<float>(golden_file(golden));
  const int64_t bands = features.dim(0), frames = features.dim(1), kept = (frames + step - 1) / step;
  EXPECT_EQ(static_cast<int64_t>(expected.size()), bands * kept);
  double worst = 0;
  for (int64_t band = 0; band < bands; ++band)
    for (int64_t i = 0; i < kept; ++i)
      worst = std::max(worst, std::abs(static_cast<double>(features.data<float>()[band * frames + i * step]) -
                                       expected.at(static_cast<size_t>(band * kept + i))));
  return worst;
}

TEST(LogMel, EqualsTheFeatureExtractor) {
  for (const int bands : {80, 128}) {
    const LogMel mel(with_bands(bands));
    const std::string end = "_" + std::to_string(bands) + ".f32";
    EXPECT_LT(worst_error(mel(kennedy()), "log_mel_kennedy" + end, 16), 2e-5);
    EXPECT_LT(worst_error(mel(chirp_clip(480'000)), "log_mel_chirp" + end, 16), 2e-5);
  }
}

TEST(LogMel, WithoutPaddingIsAsLongAsTheSound) {
  LogMelOptions options;
  options.padding = false;
  const LogMel mel(options);
  AudioClip clip = kennedy();
  clip.samples.resize(20'100);
  const Tensor features = mel(clip);
  EXPECT_EQ(features.shape(), (Shape{80, 125}));
  EXPECT_LT(worst_error(features, "log_mel_unpadded_80.f32", 1), 2e-5);
}

TEST(LogMel, CutsWhatIsLongerThanAChunk) {
  const LogMel mel(LogMelOptions{});
  const Tensor whole = mel(chirp_clip(480'000)), longer = mel(chirp_clip(500'000));
  EXPECT_TRUE(std::ranges::equal(whole.values<float>(), longer.values<float>()));
}

// A window cut out of a long recording, with its neighbours' samples as context, has the recording's own
// frames.
TEST(LogMel, ContextMakesWindowsOfARecordingExact) {
  LogMelOptions options;
  options.padding = false;
  const LogMel mel(options);
  const AudioClip recording = chirp_clip(100'000);
  const Tensor whole = mel(recording, 2.0f);
  const int64_t start = 160 * 77, length = 160 * 200;
  AudioClip window;
  window.context_before = window.context_after = 200;
  window.samples.assign(recording.samples.begin() + start - 200,
                        recording.samples.begin() + start + length + 200);
  const Tensor part = mel(window, 2.0f);
  ASSERT_EQ(part.shape(), (Shape{80, 200}));
  for (int64_t band = 0; band < 80; ++band)
    for (int64_t frame = 0; frame < 200; ++frame)
      ASSERT_NEAR(part.data<float>()[band * 200 + frame], whole.data<float>()[band * 625 + 77 + frame], 2e-6)
          << band << ' ' << frame;
}

TEST(LogMel, ClampsToTheGivenLoudest) {
  const LogMel mel(LogMelOptions{});
  const AudioClip clip = kennedy();
  const float own = mel.loudest(*open_audio(sample_file("kennedy.wav")));
  const Tensor same = mel(clip, own), free = mel(clip), higher = mel(clip, own + 2);
  for (int64_t i = 0; i < same.count(); ++i) {
    ASSERT_NEAR(same.data<float>()[i], free.data<float>()[i], 1e-6);
    ASSERT_GE(higher.data<float>()[i], (own + 2 - 8 + 4) / 4);
  }
}

TEST(LogMel, LoudestIsTheSameInAnyBlocks) {
  const LogMel mel(LogMelOptions{});
  const auto f = [](int64_t i) { return i == 30'001 ? 1.0f : 0.1f * chirp(i); };
  float expected = 0;
  for (const int64_t block : {50'000, 1, 159, 160, 199, 200, 201, 400, 16'384}) {
    SyntheticSource source(50'000, block, f);
    const float loudest = mel.loudest(source);
    if (block == 50'000) expected = loudest;
    EXPECT_EQ(loudest, expected) << block;
  }
  SyntheticSource all(50'000, 50'000, f);
  const AudioClip clip = *all.next();
  const Tensor features = mel(clip);
  EXPECT_NEAR(*std::ranges::max_element(features.values<float>()), (expected + 4) / 4, 1e-6);
}

TEST(LogMel, LoudestOfNextToNothingIsTheFloor) {
  const LogMel mel(LogMelOptions{});
  for (const int64_t length : {0, 1, 150, 200, 201, 600}) {
    SyntheticSource silence(length, 64, [](int64_t) { return 0.0f; });
    EXPECT_NEAR(mel.loudest(silence), -10, 1e-6) << length;
  }
}

TEST(LogMel, SilenceAndTheEmptyClipAreFlat) {
  const LogMel mel(LogMelOptions{});
  for (const size_t length : {0, 1, 480'000}) {
    AudioClip clip;
    clip.samples.resize(length);
    const Tensor features = mel(clip);
    for (const float value : features.values<float>()) ASSERT_NEAR(value, -1.5f, 1e-6);
  }
}

TEST(LogMel, EveryRunAndThreadGivesTheSameBits) {
  const AudioClip clip = kennedy();
  const LogMel first(with_bands(128));
  const Tensor expected = first(clip);
  std::vector<std::thread> threads;
  std::vector<Tensor> results(4);
  for (Tensor& result : results)
    threads.emplace_back(
        [&] { result = &result == &results[0] ? first(clip) : LogMel(with_bands(128))(clip); });
  for (std::thread& thread : threads) thread.join();
  for (const Tensor& result : results) EXPECT_TRUE(std::ranges::equal(result.bytes(), expected.bytes()));
}

TEST(LogMel, RefusesOtherRatesAndTooLittleSound) {
  const LogMel mel(LogMelOptions{});
  AudioClip clip;
  clip.sample_rate = 44'100;
  clip.samples.resize(1000);
  EXPECT_THROW(mel(clip), Error);
  LogMelOptions options;
  options.padding = false;
  AudioClip tiny;
  tiny.samples.resize(200);
  EXPECT_THROW(LogMel{options}(tiny), Error);
  tiny.samples.resize(201);
  EXPECT_EQ(LogMel{options}(tiny).shape(), (Shape{80, 1}));
}

TEST(LogMelOptions, ComeFromThePreprocessorConfig) {
  const auto options = log_mel_options(
      nlohmann::json::parse(R"({"feature_size": 128, "n_fft": 400, "hop_length": 160, "chunk_length": 30,
                                "sampling_rate": 16000, "dither": 0.0, "padding_value": 0.0})"),
      "preprocessor_config.json");
  EXPECT_EQ(options.bands, 128);
  EXPECT_EQ(options.chunk_samples(), 480'000);
}

TEST(LogMelOptions, NonsenseIsAnErrorThatNamesTheKey) {
  for (const auto& [json, key] : std::vector<std::pair<std::string, std::string>>{
           {R"({"feature_size": 0})", "feature_size"},
           {R"({"n_fft": 399})", "n_fft"},
           {R"({"hop_length": "x"})", "hop_length"},
           {R"({"hop_length": 401})", "hop_length"},
           {R"({"chunk_length": 1e99})", "chunk_length"},
           {R"({"chunk_length": 100000})", "chunk_length"},
           {R"({"sampling_rate": 18446744073709551615})", "sampling_rate"},
           {R"({"dither": 0.1})", "dither"},
           {R"({"padding_side": "left"})", "padding_side"},
           {"[]", "object"}}) {
    try {
      LogMel mel(log_mel_options(nlohmann::json::parse(json), "preprocessor_config.json"));
      ADD_FAILURE() << json;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::model);
      EXPECT_THAT(error.what(), HasSubstr(key));
    }
  }
}

}  // namespace
}  // namespace millrace
