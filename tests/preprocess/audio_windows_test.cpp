#include "preprocess/audio_windows.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "synthetic_source.h"

namespace millrace {
namespace {

float sample_at(int64_t i) { return static_cast<float>(i % 8191) / 8191.0f; }

// The windows of a recording of `length` samples, each `step` after the one before.
std::vector<AudioClip> windows_of(int64_t length, int64_t block, int64_t step,
                                  const AudioWindowOptions& options) {
  AudioWindows windows(options);
  SyntheticSource source(length, block, sample_at);
  std::vector<AudioClip> clips;
  while (!windows.done()) {
    if (windows.ready()) {
      clips.push_back(windows.window());
      EXPECT_DOUBLE_EQ(clips.back().seconds_at(0), static_cast<double>(windows.position()) / kSpeechRate);
      windows.seek(windows.position() + step);
    } else if (const auto clip = source.next()) {
      windows.push(*clip);
    } else {
      windows.finish();
    }
  }
  return clips;
}

TEST(AudioWindows, AreTheRecordingsSamplesWithTheirNeighbours) {
  const AudioWindowOptions options{.samples = 1000, .context = 50};
  for (const int64_t block : {1, 7, 999, 100'000})
    for (const int64_t step : {1000, 640, 1, 2500}) {
      const int64_t length = step == 1 ? 1300 : 4321;
      const auto clips = windows_of(length, block, step, options);
      ASSERT_EQ(static_cast<int64_t>(clips.size()), (length + step - 1) / step);
      for (size_t n = 0; n < clips.size(); ++n) {
        const AudioClip& clip = clips[n];
        const int64_t start = static_cast<int64_t>(n) * step;
        EXPECT_EQ(clip.length(), std::min<int64_t>(1000, length - start));
        EXPECT_EQ(clip.context_before, std::min<int64_t>(50, start));
        EXPECT_EQ(clip.context_after, start + 1000 < length ? 50 : 0);
        EXPECT_EQ(clip.last, start + 1000 >= length);
        for (int64_t i = 0; i < static_cast<int64_t>(clip.samples.size()); ++i) {
          const int64_t from = start - clip.context_before + i;
          ASSERT_EQ(clip.samples[static_cast<size_t>(i)], from < length ? sample_at(from) : 0.0f);
        }
      }
    }
}

TEST(AudioWindows, WaitForTheContextButNotForMore) {
  AudioWindows windows({.samples = 1000, .context = 50});
  EXPECT_FALSE(windows.ready());
  EXPECT_FALSE(windows.done());
  SyntheticSource source(1050, 1049, sample_at);
  windows.push(*source.next());
  EXPECT_FALSE(windows.ready());
  EXPECT_THROW(windows.window(), Error);
  windows.push(*source.next());
  EXPECT_TRUE(windows.ready());
}

TEST(AudioWindows, AnEmptyRecordingHasNone) {
  AudioWindows windows;
  windows.finish();
  EXPECT_TRUE(windows.done());
  EXPECT_FALSE(windows.ready());
}

TEST(AudioWindows, CannotGoBackAndStopAtTheEnd) {
  AudioWindows windows({.samples = 100, .context = 0});
  SyntheticSource source(500, 500, sample_at);
  windows.push(*source.next());
  windows.seek(200);
  EXPECT_THROW(windows.seek(199), Error);
  windows.finish();
  windows.seek(10'000);
  EXPECT_EQ(windows.position(), 500);
  EXPECT_TRUE(windows.done());
  EXPECT_THROW(AudioWindows({.samples = 0, .context = 0}), Error);
}

TEST(AudioWindows, KeepOriginalTimesWhereSilenceWasCut) {
  AudioWindows windows({.samples = 1000, .context = 10});
  const auto speech = [](int64_t length, double seconds) {
    AudioClip clip;
    clip.samples.assign(static_cast<size_t>(length), 0.1f);
    clip.spans = {{0, seconds}};
    return clip;
  };
  windows.push(speech(320, 1.0));
  windows.push(speech(160, 1.02));  // goes on without a gap
  windows.push(speech(800, 5.0));
  windows.push(speech(400, 9.0));
  windows.finish();
  windows.seek(160);
  const AudioClip clip = windows.window();
  EXPECT_EQ(clip.spans.size(), 2u);
  EXPECT_NEAR(clip.seconds_at(0), 1.01, 1e-9);
  EXPECT_NEAR(clip.seconds_at(319), 1.01 + 319.0 / 16000, 1e-9);
  EXPECT_NEAR(clip.seconds_at(320), 5.0, 1e-9);
  EXPECT_NEAR(clip.seconds_at(999), 5.0 + 679.0 / 16000, 1e-9);
  windows.seek(1160);
  const AudioClip rest = windows.window();
  EXPECT_NEAR(rest.seconds_at(0), 5.0 + 680.0 / 16000, 1e-9);
  EXPECT_NEAR(rest.seconds_at(120), 9.0, 1e-9);
  EXPECT_TRUE(rest.last);
}

TEST(AudioBuffer, RefusesAnotherRateAndWhatItHasNot) {
  AudioBuffer buffer;
  AudioClip clip;
  clip.samples.resize(100);
  buffer.append(clip);
  EXPECT_THROW(buffer.samples(50, 101), Error);
  buffer.drop_before(60);
  EXPECT_THROW(buffer.clip(59, 70), Error);
  EXPECT_EQ(buffer.begin(), 60);
  buffer.drop_before(1000);
  EXPECT_EQ(buffer.begin(), 100);
  clip.sample_rate = 8000;
  EXPECT_THROW(buffer.append(clip), Error);
}

TEST(AudioWindows, DoNotReachFromOnePartIntoAnother) {
  AudioWindows windows({.samples = 1000, .context = 50});
  SyntheticSource source(2700, 900, sample_at);
  windows.begin_part();
  windows.push(*source.next());
  windows.push(*source.next());
  windows.begin_part();  // at 1800
  windows.push(*source.next());
  EXPECT_EQ(windows.window().length(), 1000);
  windows.seek(1000);
  const AudioClip end_of_part = windows.window();
  EXPECT_EQ(end_of_part.length(), 800);
  EXPECT_EQ(end_of_part.context_before, 50);
  EXPECT_EQ(end_of_part.context_after, 0);
  EXPECT_FALSE(end_of_part.last);
  windows.seek(5000);
  EXPECT_EQ(windows.position(), 1800);
  EXPECT_FALSE(windows.ready());
  windows.finish();
  const AudioClip next_part = windows.window();
  EXPECT_EQ(next_part.length(), 900);
  EXPECT_EQ(next_part.context_before, 0);
  EXPECT_EQ(next_part.samples.front(), sample_at(1800));
  EXPECT_TRUE(next_part.last);
}

}  // namespace
}  // namespace millrace
