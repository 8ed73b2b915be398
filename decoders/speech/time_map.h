#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace millrace {

// From the samples of a window to the recording they come from. Where silence was cut out, neighbouring
// samples are far apart in the recording.
class TimeMap {
 public:
  struct Piece {
    int64_t first_sample = 0;  // in the window
    double seconds = 0;        // in the recording
  };

  // Pieces in order of first_sample; none is one piece from 0 seconds on.
  explicit TimeMap(std::vector<Piece> pieces = {}, int sample_rate = 16000);

  // The recording's time of a time in the window. A time at the very join of two pieces is the later one's
  // start, or, as an end, the earlier one's end.
  double start_at(double seconds) const { return at(seconds, piece_at(seconds, false)); }
  double end_at(double seconds) const { return at(seconds, piece_at(seconds, true)); }

  // For a word: start and end both in the piece that the word's middle is in, so that no word is stretched
  // over what was cut out.
  size_t piece_at(double seconds, bool as_end = false) const;
  double at(double seconds, size_t piece) const;

 private:
  std::vector<Piece> pieces_;
  int sample_rate_;
};

}  // namespace millrace
