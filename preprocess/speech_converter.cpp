#include "preprocess/speech_converter.h"

#include <algorithm>
#include <cmath>

namespace millrace {

void SpeechConverter::push(const float* samples, int64_t frames, std::vector<float>& out) {
  mono_.resize(static_cast<size_t>(frames));
  const float share = 1.0f / static_cast<float>(channels_);
  for (int64_t i = 0; i < frames; ++i) {
    float sum = 0;
    for (int c = 0; c < channels_; ++c) sum += samples[i * channels_ + c];
    const float mixed = channels_ == 1 ? sum : sum * share;
    // Beyond full scale is left to after the resampling, as far as it keeps to a resampler's range.
    mono_[static_cast<size_t>(i)] = std::isfinite(mixed) ? std::clamp(mixed, -1e4f, 1e4f) : 0.0f;
  }
  resampler_.push(mono_, out);
}

std::vector<float> take_samples(std::vector<float>& samples, size_t count) {
  const auto end = samples.begin() + static_cast<std::ptrdiff_t>(std::min(count, samples.size()));
  std::vector<float> taken(samples.begin(), end);
  samples.erase(samples.begin(), end);
  for (float& sample : taken) sample = std::clamp(sample, -1.0f, 1.0f);
  return taken;
}

}  // namespace millrace
