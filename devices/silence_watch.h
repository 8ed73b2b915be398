#pragma once
#include <algorithm>
#include <cstdint>

namespace millrace {

// Tells, once, that sound is nothing but zeros: a microphone hears some noise, if it is not muted.
class SilenceWatch {
 public:
  explicit SilenceWatch(int64_t samples = 0) : limit_(samples) {}  // so many zeros in a row are told of

  bool add(const float* samples, int64_t count) {
    const bool silent = std::all_of(samples, samples + count, [](float sample) { return sample == 0; });
    zeros_ = silent ? zeros_ + count : 0;
    if (told_ || zeros_ < limit_) return false;
    return told_ = true;
  }

 private:
  int64_t limit_, zeros_ = 0;
  bool told_ = false;
};

}  // namespace millrace
