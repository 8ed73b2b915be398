#include "preprocess/speech_cutter.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "preprocess/energy_gate.h"
#include "speech_cases.h"
#include "synthetic_source.h"

namespace millrace {
namespace {

// The samples say where they come from.
float sample_at(int64_t i) { return static_cast<float>(i % 65536) / 65536.0f; }

std::vector<AudioClip> cut(const SpeechCase& one, int64_t block) {
  size_t chunk = 0;
  SpeechCutter cutter(one.options, [&](std::span<const float> sound) {
    std::vector<float> part;
    for (size_t i = 0; i < sound.size() / kVoiceActivityChunk; ++i)
      // In single precision a value at a threshold may fall below it: not what is tested here.
      part.push_back(std::nextafter(static_cast<float>(one.probabilities.at(chunk++)), 1.0f));
    return part;
  });
  std::vector<AudioClip> clips;
  const auto take = [&](std::vector<AudioClip> more) {
    for (AudioClip& clip : more) clips.push_back(std::move(clip));
  };
  SyntheticSource source(one.samples, block, sample_at);
  while (const auto clip = source.next()) take(cutter.push(*clip));
  take(cutter.finish());
  int64_t out = 0;
  for (const AudioClip& clip : clips) out += clip.length();
  EXPECT_EQ(cutter.samples_in(), one.samples);
  EXPECT_EQ(cutter.samples_out(), out);
  return clips;
}

TEST(SpeechCutter, GivesTheSegmentsSamplesWithTheirTimes) {
  for (const SpeechCase& one : speech_cases()) {
    std::vector<int64_t> expected;
    for (const SpeechSegment& segment : one.expected)
      for (int64_t i = segment.start; i < segment.end; ++i) expected.push_back(i);
    for (const int64_t block : {1'000'000, 16'384, 777}) {
      const auto clips = cut(one, block);
      size_t position = 0;
      for (const AudioClip& clip : clips) {
        ASSERT_FALSE(clip.spans.empty());
        ASSERT_LE(position + clip.samples.size(), expected.size());
        for (int64_t i = 0; i < clip.length(); ++i, ++position) {
          const int64_t from = expected[position];
          const double seconds = static_cast<double>(from) / kSpeechRate;
          if (clip.samples[static_cast<size_t>(i)] != sample_at(from) ||
              std::abs(clip.seconds_at(i) - seconds) > 1e-9)
            FAIL() << one.name << ": sample " << position << " is not the recording's " << from;
        }
      }
      EXPECT_EQ(position, expected.size()) << one.name;
      if (!std::isinf(one.options.max_speech_duration_s)) {
        EXPECT_EQ(clips.size(), one.expected.size());
      }
    }
  }
}

TEST(SpeechCutter, SpeechComesOutAsItGoesOn) {
  SpeechCutter cutter({}, [](std::span<const float> sound) {
    return std::vector<float>(sound.size() / kVoiceActivityChunk, 0.9f);
  });
  SyntheticSource source(10 * 16'384, 16'384, sample_at);
  int64_t in = 0, out = 0;
  while (const auto block = source.next()) {
    in += block->length();
    for (const AudioClip& clip : cutter.push(*block)) out += clip.length();
    EXPECT_LE(in - out, 2 * kVoiceActivityChunk);
  }
  const auto rest = cutter.finish();
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_TRUE(rest[0].last);
  EXPECT_EQ(out + rest[0].length(), in);
}

TEST(SpeechCutter, SilenceAndNothingGiveNothing) {
  for (const int64_t length : {0, 1, 512, 100'000}) {
    SpeechCutter cutter({}, [](std::span<const float> sound) {
      return std::vector<float>(sound.size() / kVoiceActivityChunk);
    });
    SyntheticSource source(length, 1000, sample_at);
    while (const auto block = source.next()) EXPECT_TRUE(cutter.push(*block).empty());
    EXPECT_TRUE(cutter.finish().empty());
  }
}

TEST(SpeechCutter, RefusesOtherRatesAndWrongDetectors) {
  AudioClip clip;
  clip.samples.resize(2000);
  SpeechCutter wrong({}, [](std::span<const float>) { return std::vector<float>(1); });
  EXPECT_THROW(wrong.push(clip), Error);
  clip.sample_rate = 8000;
  SpeechCutter cutter({}, EnergyGate());
  EXPECT_THROW(cutter.push(clip), Error);
}

TEST(SpeechPacker, FillsClipsWithWholeSegments) {
  SpeechPacker packer(1000);
  std::vector<AudioClip> clips;
  const std::vector<std::pair<int64_t, int64_t>> segments = {
      {0, 400}, {1600, 600}, {3200, 1}, {4800, 999}, {8000, 50}};
  for (const auto& [start, length] : segments) {
    AudioClip segment;
    segment.samples.assign(static_cast<size_t>(length), 0.5f);
    segment.spans = {{0, static_cast<double>(start) / kSpeechRate}};
    segment.last = true;
    if (auto full = packer.push(std::move(segment))) clips.push_back(std::move(*full));
  }
  if (auto full = packer.finish()) clips.push_back(std::move(*full));
  EXPECT_FALSE(packer.finish().has_value());
  ASSERT_EQ(clips.size(), 3u);
  EXPECT_EQ(clips[0].length(), 1000);
  EXPECT_DOUBLE_EQ(clips[0].seconds_at(399), 399.0 / 16000);
  EXPECT_DOUBLE_EQ(clips[0].seconds_at(400), 0.1);
  EXPECT_DOUBLE_EQ(clips[0].seconds_at(999), 0.1 + 599.0 / 16000);
  EXPECT_EQ(clips[1].length(), 1000);
  EXPECT_DOUBLE_EQ(clips[1].seconds_at(1), 0.3);
  EXPECT_EQ(clips[2].length(), 50);
  EXPECT_FALSE(clips[1].last);
  EXPECT_TRUE(clips[2].last);
}

TEST(EnergyGate, TellsSoundFromSilenceAndNoise) {
  // Five seconds of faint noise, one of a tone, five of noise, again and again.
  const auto f = [](int64_t i) {
    const double noise = static_cast<double>((i * 1103515245 + 12345) % 65536) / 65536 - 0.5;
    const bool tone = i % 176'000 >= 80'000 && i % 176'000 < 96'000;
    return static_cast<float>(0.004 * noise + (tone ? 0.2 * std::sin(0.1 * static_cast<double>(i)) : 0));
  };
  VoiceActivityOptions options;
  options.min_silence_duration_ms = 500;
  options.speech_pad_ms = 0;
  SpeechCutter cutter(options, EnergyGate());
  SyntheticSource source(5 * 176'000, 10'000, f);
  std::vector<AudioClip> clips;
  while (const auto block = source.next())
    for (AudioClip& clip : cutter.push(*block)) clips.push_back(std::move(clip));
  for (AudioClip& clip : cutter.finish()) clips.push_back(std::move(clip));
  EXPECT_NEAR(static_cast<double>(cutter.samples_out()), 5 * 16'000, 5 * 1024);
  for (const AudioClip& clip : clips) EXPECT_NEAR(std::fmod(clip.seconds_at(0), 11.0), 5.5, 0.6);
}

TEST(EnergyGate, LastingNoiseBecomesBackground) {
  EnergyGate gate;
  std::vector<float> noise(60 * 16'000);
  for (size_t i = 0; i < noise.size(); ++i) noise[i] = i % 2 == 0 ? 0.03f : -0.03f;
  const auto probabilities = gate(noise);
  EXPECT_GT(probabilities.front(), 0.9f);
  EXPECT_LT(probabilities.back(), 0.05f);
  EXPECT_TRUE(gate({}).empty());
}

}  // namespace
}  // namespace millrace
