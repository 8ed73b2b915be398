#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devices/capture_time.h"
#include "devices/live_audio.h"
#include "devices/silence_watch.h"
#include "devices/sound_device.h"
#include "devices/unbroken_sound.h"

namespace millrace {

// The sound of a device that may stall, go away and come back. Times in the stream are by the device's own
// count of samples while it is there, and by the run's clock while it is not.
class Microphone final : public LiveAudio {
 public:
  // `name` is for people. Throws what `open` throws the first time; later, it is tried again.
  Microphone(std::string name, SoundDeviceOpener open, std::shared_ptr<StreamClock> clock,
             std::shared_ptr<const CancelToken> stop);

  std::optional<LiveSound> next() override;
  StreamCounts finish() override;

 private:
  // Each gives what is next in the stream, or nothing yet.
  std::optional<LiveSound> listen();
  std::optional<LiveSound> wait_for_return();
  std::optional<LiveSound> end();

  void start(std::unique_ptr<SoundDevice> device);
  void stop_device();
  void retire();
  std::optional<LiveSound> begin_sound();
  bool read_some();
  void keep_time();
  bool gone();
  bool settling() const;
  std::optional<LiveSound> lose(const std::string& why);
  LiveSound skip(double seconds, const std::string& why);
  LiveSound skip_lost(int64_t frames);
  LiveSound with(std::optional<AudioClip> clip, std::optional<StreamGap> gap = std::nullopt) const;
  std::optional<StreamGap> away_until(double seconds);
  double reached() const;  // seconds in the stream up to which it is given, but for what sound_ holds back
  double stream_now() const { return clock_->now() - began_at_; }

  std::string name_;
  SoundDeviceOpener open_;
  std::shared_ptr<StreamClock> clock_;
  std::shared_ptr<const CancelToken> stop_;

  std::unique_ptr<SoundDevice> device_;
  std::shared_ptr<CaptureRing> ring_;   // of the device that there is, or was
  std::optional<UnbrokenSound> sound_;  // none before the device's first
  double base_ = 0;                     // seconds in the stream of the device's frame 0
  int64_t frame_ = 0;                   // of those that the device captured, the next to be read
  int64_t skipped_ = 0;                 // frames that it captured, but are lost
  bool told_of_loss_ = false;
  SilenceWatch silence_;
  std::vector<float> read_;

  CaptureTime capture_time_;
  double began_at_;
  int64_t timed_ = 0, looked_for_ = 0;  // frames captured when the time was kept, and at the last look
  double looked_at_ = 0, quiet_ = 0;

  std::string away_;      // why the device is away; empty while it is not
  double away_from_ = 0;  // seconds in the stream of what is not yet given as a gap
  double next_try_ = 0;
  bool ending_ = false, ended_ = false;
  StreamCounts counts_;
};

}  // namespace millrace
