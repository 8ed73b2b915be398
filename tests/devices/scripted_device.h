#pragma once
#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "base/error.h"
#include "base/stream_clock.h"
#include "devices/sound_device.h"

namespace millrace {

// What a microphone does by the clock of a test: hears a tone in pieces of random sizes, each late by chance,
// except for `away` stretches of time, in which it is not there, or is there and gives nothing.
struct DeviceScript {
  struct Away {
    double from = 0, to = 0;
    bool noticed = true;   // the device says itself that it is lost
    bool answers = false;  // it can be opened meanwhile, but gives nothing
  };
  int rate = 48000, channels = 2;
  double fast = 0;       // of its clock: seconds a second
  double most_late = 0;  // seconds
  int64_t ring_frames = 480'000;
  std::vector<Away> away = {};
  unsigned seed = 1;

  const Away* away_at(double now) const {
    const auto found =
        std::find_if(away.begin(), away.end(), [&](const Away& a) { return now >= a.from && now < a.to; });
    return found == away.end() ? nullptr : &*found;
  }
  // What is heard at a time: 0.5 times a tone of 400 Hz.
  static float heard(double seconds) {
    return static_cast<float>(0.5 * std::sin(2 * 3.141592653589793 * 400 * seconds));
  }
};

class ScriptedDevice final : public SoundDevice {
 public:
  ScriptedDevice(const DeviceScript& script, std::shared_ptr<StreamClock> clock, int64_t& written)
      : script_(script),
        clock_(std::move(clock)),
        ring_(std::make_shared<CaptureRing>(script.rate, script.channels, script.ring_frames)),
        random_(script.seed),
        opened_at_(clock_->now()),
        written_(written) {}

  std::shared_ptr<CaptureRing> ring() const override { return ring_; }

  // Writes what has been heard by now.
  bool working() override {
    const double now = clock_->now();
    const double rate = script_.rate * (1 + script_.fast);
    while (true) {
      if (piece_ == 0) {
        piece_ = std::uniform_int_distribution<int64_t>(1, script_.rate / 20)(random_);
        late_ = std::uniform_real_distribution<double>(0, script_.most_late)(random_);
      }
      const double begin = opened_at_ + static_cast<double>(heard_) / rate;
      const double end = begin + static_cast<double>(piece_) / rate;
      const DeviceScript::Away* away = script_.away_at(end);
      if (away && now >= end) return !away->noticed && (stuck_ = true);
      if (stuck_) return true;
      if (end + late_ > now) return true;
      std::vector<float> samples;
      for (int64_t i = 0; i < piece_; ++i)
        samples.insert(samples.end(), static_cast<size_t>(script_.channels),
                       DeviceScript::heard(begin + static_cast<double>(i) / rate));
      ring_->write(samples.data(), piece_, begin + late_);
      heard_ += piece_;
      written_ += piece_;
      piece_ = 0;
    }
  }

 private:
  DeviceScript script_;
  std::shared_ptr<StreamClock> clock_;
  std::shared_ptr<CaptureRing> ring_;
  std::mt19937 random_;
  double opened_at_, late_ = 0;
  int64_t heard_ = 0, piece_ = 0;
  int64_t& written_;
  bool stuck_ = false;
};

// `written` counts the frames of every device that it opens.
inline SoundDeviceOpener scripted_opener(const DeviceScript& script, std::shared_ptr<StreamClock> clock,
                                         std::shared_ptr<int64_t> written) {
  return [=]() -> std::unique_ptr<SoundDevice> {
    const auto* away = script.away_at(clock->now());
    if (away && !away->answers) fail(ErrorKind::io, "there is no such device");
    return std::make_unique<ScriptedDevice>(script, clock, *written);
  };
}

}  // namespace millrace
