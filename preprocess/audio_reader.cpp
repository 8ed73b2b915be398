#include "preprocess/audio_reader.h"

#include "base/error.h"
#include "base/limits.h"

namespace millrace {

void check_audio_format(const std::string& name, int64_t sample_rate, int64_t channels) {
  if (channels < 1 || channels > limits::kAudioChannels)
    fail_at(ErrorKind::input, name,
            "claims to have {} channels, but 1 to {} are possible; its header is damaged or "
            "it is not sound",
            channels, limits::kAudioChannels);
  if (sample_rate < limits::kAudioRateLow || sample_rate > limits::kAudioRateHigh)
    fail_at(ErrorKind::input, name,
            "claims to have {} samples a second, but {} to {} are possible; its header is "
            "damaged or it is not sound",
            sample_rate, limits::kAudioRateLow, limits::kAudioRateHigh);
}

std::string cut_short(double missing, double whole) {
  return fmt::format("is cut short: {:.{}f} of its {:.{}f} seconds are missing", missing, missing < 1 ? 2 : 1,
                     whole, missing < 1 ? 2 : 1);
}

}  // namespace millrace
