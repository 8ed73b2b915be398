#include "preprocess/sound_processor.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

using testing::HasSubstr;
using Windows = SoundProcessorOptions::Windows;

AudioClip sound(int64_t samples) {
  AudioClip clip;
  for (int64_t i = 0; i < samples; ++i)
    clip.samples.push_back(0.3f * static_cast<float>(std::sin(0.02 * static_cast<double>(i) +
                                                              1e-6 * static_cast<double>(i * i))));
  return clip;
}

SoundProcessorOptions options(Windows windows) {
  SoundProcessorOptions options;
  options.mel.bands = 6;
  options.mel.chunk_seconds = 1;
  options.windows = windows;
  options.mask = "mask";
  return options;
}

std::vector<int64_t> heard(const Tensor& mask) {
  std::vector<int64_t> counts;
  for (int64_t row = 0; row < mask.dim(0); ++row) {
    const auto values = mask.values<int64_t>().subspan(static_cast<size_t>(row * mask.dim(1)),
                                                       static_cast<size_t>(mask.dim(1)));
    counts.push_back(std::ranges::count(values, 1));
    EXPECT_TRUE(std::ranges::is_sorted(values, std::greater<>())) << "what is heard is in front";
  }
  return counts;
}

TEST(SoundProcessor, FirstWindowIsFilledUpOrCut) {
  const SoundProcessor processor(options(Windows::first));
  const auto short_one = processor(sound(1601)), long_one = processor(sound(40'000));
  EXPECT_EQ(short_one.values.shape(), (Shape{1, 6, 100}));
  EXPECT_EQ(long_one.values.shape(), (Shape{1, 6, 100}));
  EXPECT_THAT(heard(short_one.mask), testing::ElementsAre(11));
  EXPECT_THAT(heard(long_one.mask), testing::ElementsAre(100));
  EXPECT_EQ(processor.longest_samples(), 16'000);
}

TEST(SoundProcessor, EachWindowIsComputedAlone) {
  const SoundProcessor processor(options(Windows::each));
  const AudioClip whole = sound(33'000);
  const auto all = processor(whole);
  ASSERT_EQ(all.values.shape(), (Shape{3, 6, 100}));
  EXPECT_THAT(heard(all.mask), testing::ElementsAre(100, 100, 7));
  AudioClip second;
  second.samples.assign(whole.samples.begin() + 16'000, whole.samples.begin() + 32'000);
  const auto alone = processor(second);
  EXPECT_TRUE(std::ranges::equal(alone.values.values<float>(), all.values.values<float>().subspan(600, 600)));
}

TEST(SoundProcessor, LongRecordingsAreCutToWholeWindows) {
  auto some = options(Windows::each);
  some.longest_seconds = 2;
  EXPECT_EQ(SoundProcessor(some)(sound(50'000)).values.dim(0), 2);
  EXPECT_EQ(SoundProcessor(some).longest_samples(), 32'000);
  EXPECT_EQ(SoundProcessor(options(Windows::each)).longest_samples(), std::nullopt);
}

// As one spectrogram of all of it, whose loudest value all windows go by.
TEST(SoundProcessor, JointWindowsAreCutAfterwards) {
  auto some = options(Windows::joint);
  some.mask = "";
  const auto all = SoundProcessor(some)(sound(17'000));
  ASSERT_EQ(all.values.shape(), (Shape{2, 6, 100}));
  EXPECT_TRUE(all.mask.empty());
  AudioClip filled = sound(17'000);
  filled.samples.resize(32'000);
  auto mel = some.mel;
  mel.padding = false;
  const Tensor together = LogMel(mel)(filled);
  for (int64_t band = 0; band < 6; ++band)
    for (int64_t frame = 0; frame < 200; ++frame)
      EXPECT_EQ(all.values.data<float>()[(frame / 100 * 6 + band) * 100 + frame % 100],
                together.data<float>()[band * 200 + frame]);
}

SoundProcessorOptions stacked() {
  auto some = options(Windows::whole);
  some.mel.n_fft = 512;
  some.mel.window = 400;
  some.mel.htk_scale = some.mel.last_frame = true;
  some.stacked_frames = 2;
  some.projector_window = 5;
  some.projector_downsampling = 2;
  return some;
}

TEST(SoundProcessor, WholeSoundsHavePairsOfFrames) {
  const auto all = SoundProcessor(stacked())(sound(2001));  // 13 frames
  EXPECT_EQ(all.values.shape(), (Shape{1, 6, 12}));
  EXPECT_EQ(all.mask.shape(), (Shape{1, 4})) << "two windows, each with 5 / 2 embeddings";
  EXPECT_EQ(SoundProcessor(stacked())(sound(1919)).values.dim(1), 6) << "12 frames are 6 pairs";
}

void expect_error(const SoundProcessorOptions& some, int64_t samples, const char* text) {
  try {
    SoundProcessor processor(some);
    processor(sound(samples));
    ADD_FAILURE() << "no error: " << text;
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST(SoundProcessor, RefusesWhatIsNoSound) {
  for (const auto windows : {Windows::first, Windows::each, Windows::joint}) {
    expect_error(options(windows), 0, "the sound is empty");
    EXPECT_EQ(SoundProcessor(options(windows))(sound(1)).values.dim(0), 1);
  }
  expect_error(stacked(), 0, "the sound is empty");
  expect_error(stacked(), 256, "too short");
  auto some = stacked();
  some.projector_window = 1;
  expect_error(some, 2000, "make no sense");
}

}  // namespace
}  // namespace millrace
