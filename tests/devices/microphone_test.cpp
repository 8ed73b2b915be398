#include "devices/microphone.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/log.h"
#include "scripted_device.h"

namespace millrace {
namespace {

// All that a microphone gave, until the clock said `seconds`.
struct Heard {
  std::vector<AudioClip> clips;
  std::vector<StreamGap> gaps;
  std::vector<double> noticed;  // by the clock, when each gap came
  double end = 0;               // of the stream
  double ended_at = 0;          // by the clock
  double worst_time = 0;        // error of a sample's time by the clock, in seconds
  double worst_order = 0;       // between what follows on each other, in seconds of the stream
  StreamCounts counts;
  int64_t written = 0;
};

class Listening {
 public:
  // It ends when the device was opened, or tried to, more than `most_tries` times.
  explicit Listening(const DeviceScript& script, int most_tries = 1000)
      : script_(script), most_tries_(most_tries), microphone_("test", opener(), clock_, stop_) {
    log::set_level(log::Level::quiet);
  }
  ~Listening() { log::set_level(log::Level::info); }

  void until(double seconds) {
    while (clock_->now() < seconds)
      if (!take()) return;
  }
  void stall(double seconds) { clock_->wait_until(clock_->now() + seconds, nullptr); }
  Heard finish() {
    stop_->cancel();
    while (take()) {
    }
    heard_.counts = microphone_.finish();
    heard_.written = *written_;
    heard_.ended_at = clock_->now();
    return heard_;
  }

 private:
  SoundDeviceOpener opener() {
    return [this, open = scripted_opener(script_, clock_, written_)] {
      if (most_tries_-- == 0) stop_->cancel();
      return open();
    };
  }
  bool take() {
    const auto sound = microphone_.next();
    if (!sound) return false;
    EXPECT_TRUE(sound->clip || sound->gap);
    if (sound->clip) add(*sound->clip);
    if (sound->gap) {
      follow(sound->gap->start, sound->gap->seconds);
      heard_.gaps.push_back(*sound->gap);
      heard_.noticed.push_back(clock_->now());
    }
    return true;
  }
  void follow(double start, double seconds) {
    heard_.worst_order = std::max(heard_.worst_order, std::abs(start - heard_.end));
    heard_.end = start + seconds;
  }
  void add(const AudioClip& clip) {
    follow(clip.seconds_at(0), static_cast<double>(clip.length()) / kSpeechRate);
    if (clip.length() > 400) check_time(clip, clip.length() / 2);
    heard_.clips.push_back(clip);
  }

  // The phase of the tone tells when five periods of it were heard.
  void check_time(const AudioClip& clip, int64_t from) {
    constexpr double kTurns = 2 * 3.141592653589793 * 400;
    double sines = 0, cosines = 0;
    for (int64_t i = from; i < from + 200; ++i) {
      const double angle = kTurns * (clip.began_at + clip.seconds_at(i));
      sines += clip.samples[static_cast<size_t>(i)] * std::sin(angle);
      cosines += clip.samples[static_cast<size_t>(i)] * std::cos(angle);
    }
    EXPECT_NEAR(std::hypot(sines, cosines), 50, 5) << "at " << clip.seconds_at(0);
    heard_.worst_time = std::max(heard_.worst_time, std::abs(std::atan2(cosines, sines)) / kTurns);
  }

  DeviceScript script_;
  int most_tries_;
  std::shared_ptr<VirtualClock> clock_ = std::make_shared<VirtualClock>();
  std::shared_ptr<StopToken> stop_ = std::make_shared<StopToken>();
  std::shared_ptr<int64_t> written_ = std::make_shared<int64_t>(0);
  Microphone microphone_;
  Heard heard_;
};

void expect_whole_account(const Heard& heard) {
  EXPECT_EQ(heard.counts.captured, heard.written);
  EXPECT_EQ(heard.counts.captured, heard.counts.processed + heard.counts.dropped);
}

TEST(Microphone, GivesWhatItHearsAtItsTime) {
  for (const int rate : {8000, 16000, 44100, 48000, 96000}) {
    Listening listening({.rate = rate, .channels = rate % 3 + 1});
    listening.until(5);
    const Heard heard = listening.finish();
    EXPECT_TRUE(heard.gaps.empty());
    EXPECT_NEAR(heard.end, heard.ended_at, 0.11);
    EXPECT_LT(heard.worst_order, 1e-6);
    EXPECT_LT(heard.worst_time, 1e-4) << rate;
    EXPECT_EQ(heard.counts.dropped, 0);
    EXPECT_TRUE(heard.clips.back().last);
    expect_whole_account(heard);
  }
}

TEST(Microphone, KeepsTimeThoughPiecesComeLateAndItsClockIsFast) {
  DeviceScript script{.rate = 16000, .channels = 1, .fast = 2e-4, .most_late = 0.0004};
  Listening listening(script);
  listening.until(600);  // by then, its clock is 0.12 s ahead
  const Heard heard = listening.finish();
  EXPECT_TRUE(heard.gaps.empty());
  EXPECT_NEAR(heard.end, heard.ended_at * 1.0002, 0.11);
  EXPECT_NEAR(heard.clips.back().began_at, -0.0002 * heard.ended_at, 0.01);
  EXPECT_NEAR(heard.clips.front().began_at, 0, 0.01);
  expect_whole_account(heard);
}

TEST(Microphone, GoesOnWhenTheDeviceIsBack) {
  for (const bool noticed : {true, false})
    for (const bool answers : {true, false}) {
      Listening listening({.away = {{3, 6.2, noticed, answers}}});
      listening.until(10);
      const Heard heard = listening.finish();
      ASSERT_EQ(heard.gaps.size(), 2u);  // when it is noticed, and the rest
      EXPECT_NEAR(heard.gaps[0].start, 3, 0.06);
      EXPECT_LT(heard.noticed[0], 4);
      // Back 0.3 s after it could be, or after its first sound was waited for in vain.
      const double back = heard.gaps[1].start + heard.gaps[1].seconds;
      EXPECT_GE(back, 6.2 - 0.06);
      EXPECT_LT(back, answers ? 8.6 : 6.6);
      EXPECT_LT(heard.worst_order, 1e-3);
      EXPECT_LT(heard.worst_time, 1e-3);
      EXPECT_NEAR(heard.end, heard.ended_at, 0.11);
      expect_whole_account(heard);
    }
}

TEST(Microphone, TellsOfSoundThatCameFasterThanItWasTaken) {
  Listening listening({.rate = 16000, .channels = 1, .ring_frames = 32000});
  listening.until(2);
  listening.stall(5);
  listening.until(10);
  const Heard heard = listening.finish();
  ASSERT_FALSE(heard.gaps.empty());
  EXPECT_GT(heard.counts.dropped, 40'000);
  double gaps = 0;
  for (const StreamGap& gap : heard.gaps) gaps += gap.seconds;
  EXPECT_NEAR(gaps, static_cast<double>(heard.counts.dropped) / 16000, 1e-9);
  EXPECT_LT(heard.worst_order, 1e-6);
  EXPECT_LT(heard.worst_time, 1e-4);
  EXPECT_NEAR(heard.end, heard.ended_at, 0.11);
  expect_whole_account(heard);
}

TEST(Microphone, LosesNothingWhenItEndsAfterAStall) {
  Listening listening({.rate = 16000, .channels = 1, .ring_frames = 32000});
  listening.until(2);
  listening.stall(5);
  const Heard heard = listening.finish();
  EXPECT_LT(heard.worst_order, 1e-6);
  expect_whole_account(heard);
}

TEST(Microphone, EndsWhileTheDeviceIsAway) {
  Listening listening({.away = {{2, 1e9, true, false}}}, 11);
  listening.until(1e9);
  const Heard heard = listening.finish();
  ASSERT_EQ(heard.gaps.size(), 2u);
  EXPECT_NEAR(heard.end, heard.ended_at, 0.01);
  EXPECT_GT(heard.end, 4.9);
  EXPECT_NEAR(heard.counts.seconds_away, heard.end - 2, 0.1);
  expect_whole_account(heard);
}

TEST(Microphone, SurvivesWhateverComes) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const auto chance = [&](double low, double high) {
      return std::uniform_real_distribution<double>(low, high)(random);
    };
    DeviceScript script{.rate = seed % 2 ? 16000 : 44100,
                        .channels = static_cast<int>(seed % 3) + 1,
                        .most_late = chance(0, 0.0004),
                        .ring_frames = static_cast<int64_t>(chance(0.3, 3) * 44100),
                        .seed = seed};
    for (double at = chance(0.1, 5); at < 30; at += chance(0.1, 8)) {
      const double end = at + chance(0.01, 4);
      script.away.push_back({at, end, random() % 2 == 0, random() % 2 == 0});
      at = end;
    }
    Listening listening(script);
    for (double at = 0; at < 30; at += chance(0.1, 6)) {
      listening.until(at);
      if (random() % 3 == 0) listening.stall(chance(0, 5));
    }
    const Heard heard = listening.finish();
    SCOPED_TRACE(seed);
    EXPECT_LT(heard.worst_order, 2e-3);
    EXPECT_LT(heard.worst_time, 1e-3);
    expect_whole_account(heard);
  }
}

}  // namespace
}  // namespace millrace
