#pragma once
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "preprocess/audio_clip.h"

namespace millrace {

// Parts [start, end) of a recording in its own seconds, in order; no end is the recording's.
using RecordingParts = std::vector<std::pair<double, std::optional<double>>>;

// Lets only the wanted parts of a recording through. Whatever was cut out before, the parts are found by the
// sound's time in the recording; they begin and end on hundredths of a second, as faster-whisper's
// clip_timestamps do.
class ClipCutter {
 public:
  explicit ClipCutter(const RecordingParts& parts = {{0, std::nullopt}});

  struct Piece {
    AudioClip clip;
    bool begins_part = false;  // the first sound of its part
  };
  // The wanted sound of the recording's next block, in order.
  std::vector<Piece> push(const AudioClip& block);

 private:
  struct Part {
    double start = 0, end = 0;
  };
  void cut_span(const AudioClip& block, int64_t from, int64_t to, std::vector<Piece>& pieces);

  std::vector<Part> parts_;
  size_t part_ = 0;  // that the recording's next sound may be in
  std::optional<size_t> last_given_;
};

}  // namespace millrace
