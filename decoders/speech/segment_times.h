#pragma once
#include "decoders/speech/time_map.h"
#include "decoders/speech/transcript.h"
#include "decoders/speech/window_segments.h"

namespace millrace {

// From the sound as the window heard it to the original recording.
struct RecordingTimes {
  const TimeMap& map;
  double offset = 0;       // of the window, included in the times that come in
  double content_end = 0;  // nothing is said after it
};

// Fills in start, end and words of `segment` from `timed`, in hundredths of a second. Words keep to the piece
// of the recording that their middle is in; a segment with words spans them. No time is before `latest`,
// which moves on to the segment's end.
void set_times(Segment& segment, const TimedTokens& timed, const RecordingTimes& times, double& latest);

}  // namespace millrace
