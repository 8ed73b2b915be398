#pragma once
#include <cstdint>
#include <deque>

#include "preprocess/audio_buffer.h"
#include "preprocess/audio_clip.h"

namespace millrace {

struct AudioWindowOptions {
  int64_t samples = 30 * kSpeechRate;  // of a window
  int64_t context = 200;               // of the neighbours' samples at each end: half a frame of the features
};

// The windows that long-form transcription looks through: each starts where the text of the one before ended.
// Holds no more of the recording than a window and what the last block brought.
class AudioWindows {
 public:
  explicit AudioWindows(const AudioWindowOptions& options = {});  // Error(usage) for sizes that make no sense

  void push(const AudioClip& block);  // the recording's next sound
  // What is pushed from here on is a part of its own: no window and no context reaches across.
  void begin_part();
  void finish() { finished_ = true; }  // there is no more

  // Whether window() can be made; when not, more has to be pushed, or done() is true.
  bool ready() const;
  // Whether the recording has ended and nothing of it is left at the current position.
  bool done() const { return finished_ && position_ >= buffer_.end(); }

  // The window at the current position. Its length() is what the recording holds there: less than a window at
  // the recording's end, which the features fill up with silence. Context is there where the recording has
  // sound next to a full window of the same part. `last` where the recording ends with it. Error(internal)
  // unless ready().
  AudioClip window() const;

  // Moves on to `sample`, counted from the beginning of the stream; what lies before it (and its context) is
  // forgotten. Beyond the part's end is its end. Error(internal): back to before the current position.
  void seek(int64_t sample);
  int64_t position() const { return position_; }

 private:
  int64_t part_end() const { return breaks_.empty() ? buffer_.end() : breaks_.front(); }
  bool part_is_complete() const { return finished_ || !breaks_.empty(); }

  AudioWindowOptions options_;
  AudioBuffer buffer_;
  int64_t position_ = 0, part_begin_ = 0;
  std::deque<int64_t> breaks_;  // where parts begin that the position has not reached
  bool finished_ = false;
};

}  // namespace millrace
