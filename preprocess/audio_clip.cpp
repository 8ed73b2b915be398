#include "preprocess/audio_clip.h"

#include <algorithm>

namespace millrace {

double AudioClip::seconds_at(int64_t sample) const {
  auto span = std::upper_bound(spans.begin(), spans.end(), sample, [](int64_t s, const TimeSpan& candidate) {
    return s < candidate.first_sample;
  });
  if (span != spans.begin()) --span;
  if (span == spans.end()) return static_cast<double>(sample) / sample_rate;
  return span->seconds + static_cast<double>(sample - span->first_sample) / sample_rate;
}

}  // namespace millrace
