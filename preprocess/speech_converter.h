#pragma once
#include <cstdint>
#include <vector>

#include "preprocess/audio_clip.h"
#include "preprocess/resampler.h"

namespace millrace {

// Sound of any rate and number of channels as speech models take it: the channels averaged, at kSpeechRate.
// What is not a number becomes 0. Values beyond full scale stay until take_samples.
class SpeechConverter {
 public:
  SpeechConverter(int sample_rate, int channels)
      : channels_(channels), resampler_(sample_rate, kSpeechRate) {}

  // Appends to `out` what `frames` frames of interleaved samples give. The resampler holds back a few
  // milliseconds, until finish.
  void push(const float* samples, int64_t frames, std::vector<float>& out);
  void finish(std::vector<float>& out) { resampler_.finish(out); }

 private:
  int channels_;
  Resampler resampler_;
  std::vector<float> mono_;
};

// Takes the first `count` of `samples` away, within ±1.
std::vector<float> take_samples(std::vector<float>& samples, size_t count);

}  // namespace millrace
