#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "decoders/speech/window_segments.h"

namespace millrace {

// What the guard has to know about the window. Times are in seconds, of the same clock as the segments'.
struct GuardedWindow {
  double threshold = 2;        // silence longer than this is suspicious
  double start = 0, end = 30;  // of the window, with padding
  double content_end = 30;     // of the sound in it
  bool last = false;           // the recording ends with it
  double last_speech = 0;      // when the word before the window ended
};

struct GuardVerdict {
  // Where the next window starts, in seconds, when not where the text says.
  std::optional<double> next_start;
  bool drop_all = false;  // nothing of this window counts
  size_t kept = 0;        // segments that count, when not
};

// Models write text where nobody speaks. A segment whose words are very short, very long or improbable, amid
// silence or others like it, is taken for such: the window is decoded again from after the silence (the
// hallucination guard of openai-whisper's transcribe).
GuardVerdict find_hallucination(const std::vector<TimedTokens>& segments, const GuardedWindow& window);

// Whether the first words of a segment are unlikely to have been said.
bool is_anomalous(const TimedTokens& segment);

}  // namespace millrace
