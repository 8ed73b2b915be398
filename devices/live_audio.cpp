#include "devices/live_audio.h"

#include <filesystem>

#include "base/error.h"
#include "devices/audio_devices.h"
#include "devices/live_recording.h"
#include "devices/microphone.h"
#include "devices/port_audio_device.h"

namespace millrace {
namespace {

bool is_file(const std::string& source) {
  std::error_code ignored;
  return source.find('/') != std::string::npos || std::filesystem::exists(source, ignored);
}

}  // namespace

std::unique_ptr<LiveAudio> open_live_audio(const std::string& source, const LiveAudioOptions& options,
                                           std::shared_ptr<StreamClock> clock,
                                           std::shared_ptr<const CancelToken> stop) {
  if (source == "-" || (!is_device_number(source) && is_file(source)))
    return std::make_unique<LiveRecording>(source, options.file, std::move(clock), std::move(stop));
  return std::make_unique<Microphone>(source, port_audio_opener(source, options.rate, options.channels),
                                      std::move(clock), std::move(stop));
}

}  // namespace millrace
