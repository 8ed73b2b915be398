#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "preprocess/audio_clip.h"
#include "preprocess/speech_converter.h"

namespace millrace {

constexpr int64_t kLiveBlock = kSpeechRate / 10;  // samples of live sound that go on together

// A device's sound from `start` seconds in its stream on, as blocks of kLiveBlock samples at kSpeechRate.
class UnbrokenSound {
 public:
  UnbrokenSound(int rate, int channels, double start) : converter_(rate, channels), start_(start) {}

  void push(const float* samples, int64_t frames) { converter_.push(samples, frames, ready_); }
  // The next block, once there is one.
  std::optional<AudioClip> block() {
    if (std::ssize(ready_) < kLiveBlock) return std::nullopt;
    return take(kLiveBlock);
  }
  // Nothing is pushed any more: what is left.
  std::optional<AudioClip> rest() {
    converter_.finish(ready_);
    if (ready_.empty()) return std::nullopt;
    return take(ready_.size());
  }

 private:
  AudioClip take(size_t count) {
    AudioClip clip;
    clip.samples = take_samples(ready_, count);
    clip.spans = {{0, start_ + static_cast<double>(given_) / kSpeechRate}};
    given_ += clip.length();
    return clip;
  }

  SpeechConverter converter_;
  double start_;
  int64_t given_ = 0;
  std::vector<float> ready_;
};

}  // namespace millrace
