#pragma once
#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "preprocess/audio_source.h"

namespace millrace {

// A recording that is computed: sample i is f(i).
class SyntheticSource : public AudioSource {
 public:
  SyntheticSource(int64_t length, int64_t block, std::function<float(int64_t)> f)
      : length_(length), block_(block), f_(std::move(f)) {}

  std::optional<AudioClip> next() override {
    if (position_ == length_) return std::nullopt;
    AudioClip clip;
    clip.spans = {{0, static_cast<double>(position_) / kSpeechRate}};
    for (const int64_t end = std::min(length_, position_ + block_); position_ < end; ++position_)
      clip.samples.push_back(f_(position_));
    clip.last = position_ == length_;
    return clip;
  }

 private:
  int64_t length_, block_, position_ = 0;
  std::function<float(int64_t)> f_;
};

}  // namespace millrace
