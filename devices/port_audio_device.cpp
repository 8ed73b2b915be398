#include "devices/port_audio_device.h"

#include <portaudio.h>

#include <chrono>
#include <cmath>
#include <future>
#include <thread>

#include "base/stream_clock.h"
#include "devices/audio_devices.h"
#include "devices/port_audio.h"
#include "devices/quiet_libraries.h"

namespace millrace {
namespace {

constexpr int kRingSeconds = 10;
constexpr double kDelay = 0.04;  // seconds that the device is asked to collect sound for
constexpr auto kClosing = std::chrono::milliseconds(300);
constexpr auto kBusy = std::chrono::milliseconds(200);

class PortAudioDevice final : public SoundDevice {
 public:
  PortAudioDevice(const AudioDevice& device, int rate, int channels)
      : ring_(std::make_shared<CaptureRing>(rate, channels, int64_t{rate} * kRingSeconds)) {
    const PaStreamParameters input{.device = device.number,
                                   .channelCount = channels,
                                   .sampleFormat = paFloat32,
                                   .suggestedLatency = kDelay,
                                   .hostApiSpecificStreamInfo = nullptr};
    const auto held = PortAudio::lock();
    const QuietLibraries quiet;
    check_port_audio(Pa_OpenStream(&stream_, &input, nullptr, rate, paFramesPerBufferUnspecified, paNoFlag,
                                   &PortAudioDevice::captured, ring_.get()),
                     "cannot be opened");
    if (const PaError started = Pa_StartStream(stream_); started != paNoError) {
      Pa_CloseStream(stream_);
      check_port_audio(started, "cannot be started");
    }
  }
  // A device that does not answer cannot be closed either: that is left to a thread, with all that it needs.
  ~PortAudioDevice() override {
    ring_->close();
    const auto closed = std::make_shared<std::promise<void>>();
    auto soon = closed->get_future();
    std::thread([stream = stream_, ring = ring_, running = std::move(running_), closed]() mutable {
      {
        const auto held = PortAudio::lock();
        const QuietLibraries quiet;
        Pa_AbortStream(stream);
        Pa_CloseStream(stream);
      }
      running.reset();
      closed->set_value();
    }).detach();
    soon.wait_for(kClosing);
  }

  std::shared_ptr<CaptureRing> ring() const override { return ring_; }
  bool working() override { return Pa_IsStreamActive(stream_) == 1; }

 private:
  // On PortAudio's thread.
  static int captured(const void* input, void*, unsigned long frames, const PaStreamCallbackTimeInfo* times,
                      PaStreamCallbackFlags, void* ring) {
    if (input == nullptr) return paContinue;
    auto* to = static_cast<CaptureRing*>(ring);
    const double length = static_cast<double>(frames) / to->rate();
    // How long ago the first frame was heard. Not every driver tells.
    const double age = times->currentTime - times->inputBufferAdcTime;
    to->write(static_cast<const float*>(input), static_cast<int64_t>(frames),
              SystemClock().now() - (age >= length && age < length + 2 ? age : length));
    return paContinue;
  }

  std::shared_ptr<PortAudio> running_ = std::make_shared<PortAudio>();
  std::shared_ptr<CaptureRing> ring_;
  PaStream* stream_ = nullptr;
};

}  // namespace

SoundDeviceOpener port_audio_opener(std::string name, int rate, int channels) {
  return [=]() -> std::unique_ptr<SoundDevice> {
    if (!PortAudio::free_within(kBusy)) fail(ErrorKind::io, "another sound device does not answer");
    const PortAudio running;  // the number that is found stays the device's
    const auto devices = audio_inputs();
    const AudioDevice& device = find_audio_input(devices, name);
    if (channels > device.channels)
      fail_at(ErrorKind::usage, device.name, "has {} channels, not {}", device.channels, channels);
    try {
      return std::make_unique<PortAudioDevice>(
          device, rate > 0 ? rate : static_cast<int>(std::lround(device.sample_rate)), channels);
    } catch (const Error& error) {
      throw error.at(device.name);
    }
  };
}

}  // namespace millrace
