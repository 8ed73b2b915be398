#include "devices/port_audio.h"

#include <portaudio.h>

#include <string>

#include "base/error.h"
#include "devices/audio_devices.h"
#include "devices/quiet_libraries.h"

namespace millrace {
namespace {

// Never destroyed: a thread may still wait for a device when the process ends.
std::recursive_timed_mutex& mutex() {
  static auto* const instance = new std::recursive_timed_mutex;
  return *instance;
}
int users = 0;

}  // namespace

std::unique_lock<std::recursive_timed_mutex> PortAudio::lock() { return std::unique_lock(mutex()); }

bool PortAudio::free_within(std::chrono::milliseconds time) {
  return std::unique_lock(mutex(), time).owns_lock();
}

PortAudio::PortAudio() {
  const auto held = lock();
  if (users == 0) {
    const QuietLibraries quiet;
    check_port_audio(Pa_Initialize(), "sound devices cannot be looked for");
  }
  ++users;
}

PortAudio::~PortAudio() {
  const auto held = lock();
  if (--users > 0) return;
  const QuietLibraries quiet;
  Pa_Terminate();
}

void check_port_audio(int status, const char* what) {
  if (status >= 0) return;
  if (status != paUnanticipatedHostError) fail(ErrorKind::io, "{}: {}", what, Pa_GetErrorText(status));
  const PaHostErrorInfo* host = Pa_GetLastHostErrorInfo();
  fail(ErrorKind::io, "{}: {}", what, host && host->errorText ? host->errorText : "an unknown error");
}

std::vector<AudioDevice> audio_inputs() {
  const PortAudio running;
  const auto held = PortAudio::lock();
  std::vector<AudioDevice> devices;
  for (int number = 0; number < Pa_GetDeviceCount(); ++number) {
    const PaDeviceInfo* info = Pa_GetDeviceInfo(number);
    if (info == nullptr || info->maxInputChannels < 1) continue;
    const PaHostApiInfo* api = Pa_GetHostApiInfo(info->hostApi);
    devices.push_back({.number = number,
                       .name = info->name,
                       .host_api = api ? api->name : "",
                       .channels = info->maxInputChannels,
                       .sample_rate = info->defaultSampleRate,
                       .is_default = number == Pa_GetDefaultInputDevice()});
  }
  return devices;
}

}  // namespace millrace
