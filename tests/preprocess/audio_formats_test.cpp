#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "preprocess/audio_source.h"
#include "test_files.h"
#include "tests/temporary_folder.h"
#include "wav_bytes.h"

namespace millrace {
namespace {

std::string recording(const std::string& name) { return golden_file("recordings/" + name); }

std::vector<float> reference() {
  std::vector<float> samples;
  for (const int16_t sample : array_of<int16_t>(recording("reference_16khz.s16")))
    samples.push_back(static_cast<float>(sample) / 32768.0f);
  return samples;
}

double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    ab += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  return ab / std::sqrt(aa * bb + 1e-30);
}

struct Recording {
  const char* name;
  double correlation;  // with the original: what the coding leaves
  int64_t more = 0;    // samples that the coding adds at the end
};

class AudioFormats : public testing::TestWithParam<Recording> {};

TEST_P(AudioFormats, IsReadInTimeAndWhole) {
  const auto source = open_audio(recording(GetParam().name));
  const auto samples = read_all(*source);
  EXPECT_EQ(source->fault(), "");
  EXPECT_GT(correlation(samples, reference()), GetParam().correlation);
  EXPECT_GE(samples.size(), 7'999u);
  EXPECT_LE(static_cast<int64_t>(samples.size()), 8'001 + GetParam().more);
  double energy = 0;
  for (const float sample : samples) energy += static_cast<double>(sample) * sample;
  double expected = 0;
  for (const float sample : reference()) expected += static_cast<double>(sample) * sample;
  EXPECT_NEAR(energy / expected, 1, 0.2);
}

INSTANTIATE_TEST_SUITE_P(
    All, AudioFormats,
    testing::Values(Recording{"stereo44.flac", 0.9995}, Recording{"mono8.wav", 0.93},
                    Recording{"stereo8_u8.wav", 0.93}, Recording{"mono11_s24.wav", 0.97},
                    Recording{"mono8_s32.wav", 0.93}, Recording{"mono8_f32.wav", 0.93},
                    Recording{"mono8_mulaw.wav", 0.93}, Recording{"mono8_alaw.wav", 0.93},
                    Recording{"mono16_adpcm.wav", 0.98, 1100}, Recording{"mono8_rf64.wav", 0.93},
                    Recording{"mono8.w64", 0.93}, Recording{"mono8.aiff", 0.93}, Recording{"mono8.au", 0.93},
                    Recording{"mono8.caf", 0.93}, Recording{"mono8_piped.wav", 0.93},
                    Recording{"stereo44.ogg", 0.97}, Recording{"stereo48.opus", 0.97},
                    Recording{"stereo44.mp3", 0.95, 900}, Recording{"stereo44.m4a", 0.95, 900},
                    Recording{"film44.mp4", 0.95, 900}, Recording{"stereo48.webm", 0.97, 400}),
    [](const auto& test) {
      std::string name = test.param.name;
      std::ranges::replace(name, '.', '_');
      return name;
    });

// Bare AAC does not tell its coder's delay, so that stays in.
TEST(AudioFormats, CodersDelayStaysWhereTheFileDoesNotTellIt) {
  const auto samples = read_all(*open_audio(recording("stereo44.aac")));
  double best = 0;
  for (int delay = 0; delay < 600; ++delay)
    best = std::max(best, correlation({samples.begin() + delay, samples.end()}, reference()));
  EXPECT_GT(best, 0.93);
}

TEST(AudioFormats, WindowsMediaIsRead) {  // ffmpeg's encoder of it leaves the words but not the phases
  const auto samples = read_all(*open_audio(recording("stereo44.wma")));
  EXPECT_NEAR(static_cast<double>(samples.size()), 7431, 1);
  EXPECT_GT(*std::ranges::max_element(samples), 0.05f);
}

// What users of ffmpeg get from the same file; the filters at 8 kHz differ a little.
TEST(AudioFormats, ResamplesAndMixesAsFfmpegDoes) {
  const auto samples = read_all(*open_audio(recording("stereo44.flac")));
  const auto expected = reference();
  ASSERT_EQ(samples.size(), expected.size());
  double sum = 0, size = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    sum += std::abs(samples[i] - expected[i]);
    size += std::abs(expected[i]);
  }
  EXPECT_LT(sum / size, 0.01);
}

TEST(AudioFormats, SixteenKilohertzIsReadExactly) {
  const auto samples = read_all(*open_audio(sample_file("kennedy.wav")));
  const std::string bytes = bytes_of(sample_file("kennedy.wav")).substr(44);
  ASSERT_EQ(samples.size(), bytes.size() / 2);
  for (size_t i = 0; i < samples.size(); ++i) {
    const int low = static_cast<unsigned char>(bytes[2 * i]),
              high = static_cast<signed char>(bytes[2 * i + 1]);
    ASSERT_EQ(samples[i], static_cast<float>(high * 256 + low) / 32768.0f);
  }
}

TEST(AudioFormats, TheNameDoesNotMatter) {
  const TemporaryFolder folder;
  const auto expected = read_all(*open_audio(recording("stereo44.mp3")));
  for (const char* name : {"sound.wav", "sound.vox", "sound.gsm", "sound.raw", "sound"})
    EXPECT_EQ(read_all(*open_audio(folder.write(name, bytes_of(recording("stereo44.mp3"))))), expected);
}

TEST(AudioFormats, BlocksOfAnySizeHoldTheSameSound) {
  for (const char* name : {"stereo44.flac", "stereo44.m4a", "mono16_adpcm.wav"}) {
    const auto expected = read_all(*open_audio(recording(name)));
    for (const int64_t block : {1, 333, 4096, 1'000'000}) {
      const auto source = open_audio(recording(name), {.block_samples = block});
      std::vector<float> samples;
      bool last = false;
      while (const auto clip = source->next()) {
        EXPECT_FALSE(last);
        last = clip->last;
        ASSERT_EQ(clip->spans.size(), 1u);
        EXPECT_DOUBLE_EQ(clip->seconds_at(0), static_cast<double>(samples.size()) / 16000);
        EXPECT_TRUE(static_cast<int64_t>(clip->samples.size()) == block || last);
        samples.insert(samples.end(), clip->samples.begin(), clip->samples.end());
      }
      EXPECT_TRUE(last);
      EXPECT_EQ(samples, expected);
      EXPECT_FALSE(source->next().has_value());
    }
  }
}

TEST(AudioFormats, TellHowLongTheyAre) {
  for (const char* name : {"stereo44.flac", "mono8.wav", "stereo44.m4a", "stereo44.mp3", "stereo44.ogg"}) {
    const auto seconds = open_audio(recording(name))->seconds();
    ASSERT_TRUE(seconds.has_value()) << name;
    EXPECT_NEAR(*seconds, 0.5, 0.06) << name;
  }
}

TEST(AudioFormats, WhatIsNoNumberIsSilenceAndWhatIsTooLoudIsClipped) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const TemporaryFolder folder;
  const auto path = folder.write(
      "float.wav", wav_bytes({.format = 3, .bits = 32},
                             bytes_of_samples<float>({0.5f, nan, inf, -inf, 3.0f, -1e38f, 0.25f})));
  EXPECT_EQ(read_all(*open_audio(path)), (std::vector<float>{0.5f, 0, 0, 0, 1, -1, 0.25f}));
  // And neither spreads through the resampler.
  std::vector<float> samples(8000, 0.25f);
  samples[4000] = nan;
  samples[4001] = inf;
  samples[4002] = 1e38f;
  const auto resampled = read_all(*open_audio(folder.write(
      "float8.wav", wav_bytes({.format = 3, .sample_rate = 8000, .bits = 32}, bytes_of_samples(samples)))));
  ASSERT_EQ(resampled.size(), 16'000u);
  for (const float sample : resampled) ASSERT_TRUE(sample >= -1 && sample <= 1);
  EXPECT_NEAR(resampled[2000], 0.25f, 1e-4);
}

TEST(AudioFormats, ManyChannelsAreAveraged) {
  std::vector<int16_t> samples;
  for (int i = 0; i < 100; ++i)
    for (int channel = 0; channel < 64; ++channel) samples.push_back(static_cast<int16_t>(channel * 256));
  const TemporaryFolder folder;
  const auto path = folder.write("many.wav", wav_bytes({.channels = 64}, bytes_of_samples(samples)));
  const auto mono = read_all(*open_audio(path));
  ASSERT_EQ(mono.size(), 100u);
  for (const float sample : mono) EXPECT_NEAR(sample, 31.5 * 256 / 32768, 1e-6);
}

TEST(AudioFormats, EveryRateComesOutAsLongAsItWentIn) {
  const TemporaryFolder folder;
  for (const uint32_t rate : {1000u, 8000u, 11025u, 16000u, 22050u, 44100u, 48000u, 96000u, 768000u}) {
    const std::vector<int16_t> samples(rate, 1000);  // a second
    const auto path = folder.write(std::to_string(rate) + ".wav",
                                   wav_bytes({.sample_rate = rate}, bytes_of_samples(samples)));
    const auto resampled = read_all(*open_audio(path));
    EXPECT_EQ(resampled.size(), 16'000u) << rate;
    EXPECT_NEAR(resampled[8000], 1000.0 / 32768, 1e-4) << rate;
  }
}

}  // namespace
}  // namespace millrace
