#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "preprocess/audio_clip.h"

namespace millrace {

// The part of a stream of clips that is still needed. Samples are counted from the stream's beginning.
class AudioBuffer {
 public:
  int64_t begin() const { return begin_; }
  int64_t end() const { return begin_ + static_cast<int64_t>(samples_.size()); }

  // Appends the clip, but for its context. Error(internal): another sample rate than before.
  void append(const AudioClip& clip);
  void drop_before(int64_t sample);

  // The samples from `from` to `to`, both within [begin(), end()].
  std::span<const float> samples(int64_t from, int64_t to) const;
  // The same as a clip that knows its time in the recording.
  AudioClip clip(int64_t from, int64_t to) const;

 private:
  double seconds_at(int64_t sample) const;

  int sample_rate_ = kSpeechRate;
  int64_t begin_ = 0;
  std::vector<float> samples_;
  std::vector<TimeSpan> spans_;  // first_sample counted from the stream's beginning
};

// Puts `more` after `clip` as if both were one stretch of sound.
void append_clip(AudioClip& clip, const AudioClip& more);

}  // namespace millrace
