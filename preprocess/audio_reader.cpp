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

}  // namespace millrace
