#pragma once
#include <cstdint>
#include <limits>
#include <vector>

namespace millrace {

constexpr int kSpeechRate = 16000;  // samples per second that every speech model here takes

// A stretch of the recording that a clip's samples come from. Where silence was cut out, a clip has several.
struct TimeSpan {
  int64_t first_sample = 0;  // in the clip
  double seconds = 0;        // in the recording
};

// Mono sound. Samples are in [-1, 1]. `context_before` and `context_after` samples at the ends belong to the
// neighbours: features are computed with them, not for them.
struct AudioClip {
  std::vector<float> samples;
  int sample_rate = kSpeechRate;
  int64_t context_before = 0, context_after = 0;
  int64_t position = 0;         // of the first sample after context_before, in the sound that is windowed
  bool last = false;            // nothing follows in this recording
  bool speech = false;          // voice activity found speech in all of it
  std::vector<TimeSpan> spans;  // ordered; never empty in a clip of a recording
  // Of live sound: when second 0 of the recording was captured, by the run's StreamClock, so that
  // now - (began_at + seconds_at(n)) is how long ago sample n was heard. Not a number for other sound.
  double began_at = std::numeric_limits<double>::quiet_NaN();

  int64_t length() const { return static_cast<int64_t>(samples.size()) - context_before - context_after; }
  // The recording's time of `sample`, counted from the first sample after context_before.
  double seconds_at(int64_t sample) const;
};

}  // namespace millrace
