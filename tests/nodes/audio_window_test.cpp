#include "nodes/audio_window.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "tests/nodes/sample_clips.h"

namespace millrace {
namespace {

struct Window {
  double start = 0, length = 0;
  bool operator==(const Window&) const = default;
};

// The windows of `seconds` of sound, `step` seconds of each of which are consumed.
std::vector<Window> windows_of(double seconds, const AudioWindow::Params& params, double step = 30) {
  Resources resources;
  const AudioWindow node(params, resources);
  auto state = node.begin();
  Emit<AudioWindow::Out> emit;
  std::vector<Window> windows;
  const auto consume = [&] {
    for (auto made = emit.take(); !made.empty(); made = emit.take()) {
      EXPECT_EQ(made.size(), 1u) << "a window before the step of the one before";
      const AudioClip& clip = made[0].clip;
      windows.push_back(
          {std::round(clip.seconds_at(0) * 1e6) / 1e6, static_cast<double>(clip.length()) / kSpeechRate});
      const auto samples = std::min(clip.length(), static_cast<int64_t>(step * kSpeechRate));
      node(state, {.clip = nullptr, .step = make_ref(WindowStep{samples})}, emit);
    }
  };
  constexpr double kBlock = 0.7;
  for (double at = 0; at < seconds; at += kBlock) {
    const auto length = std::llround(std::min(kBlock, seconds - at) * kSpeechRate);
    node(state, {.clip = make_ref(clip_of(length, at)), .step = nullptr}, emit);
    consume();
  }
  node.flush(state, emit);
  consume();
  return windows;
}

TEST(AudioWindow, BeginsWhereTheOneBeforeWasConsumed) {
  EXPECT_THAT(windows_of(25, {.seconds = 10}),
              testing::ElementsAre(Window{0, 10}, Window{10, 10}, Window{20, 5}));
  EXPECT_THAT(windows_of(14, {.seconds = 10}, 5),
              testing::ElementsAre(Window{0, 10}, Window{5, 9}, Window{10, 4}));
}

TEST(AudioWindow, KeepsToTheClips) {
  EXPECT_THAT(windows_of(60, {.seconds = 10, .clip_timestamps = "3,5,20,32.5,50"}),
              testing::ElementsAre(Window{3, 2}, Window{20, 10}, Window{30, 2.5}, Window{50, 10}));
  EXPECT_THAT(windows_of(60, {.seconds = 30, .clip_timestamps = "58"}), testing::ElementsAre(Window{58, 2}));
  EXPECT_THAT(windows_of(60, {.seconds = 30, .clip_timestamps = "70,80"}), testing::IsEmpty());
  EXPECT_THAT(windows_of(60, {.seconds = 30, .clip_timestamps = "10,12,12,13"}),
              testing::ElementsAre(Window{10, 2}, Window{12, 1}));
}

TEST(AudioWindow, RefusesClipsThatGoBack) {
  Resources resources;
  EXPECT_THROW(AudioWindow({.seconds = 30, .clip_timestamps = "5,3"}, resources), Error);
}

}  // namespace
}  // namespace millrace
