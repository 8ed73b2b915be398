#include "decoders/speech/segment_times.h"

#include <algorithm>
#include <cmath>

namespace millrace {
namespace {

double to_hundredths(double seconds) { return std::round(seconds * 100) / 100; }

}  // namespace

void set_times(Segment& segment, const TimedTokens& timed, const RecordingTimes& times, double& latest) {
  const auto in_window = [&](double seconds) {
    return std::clamp(seconds, times.offset, std::max(times.offset, times.content_end)) - times.offset;
  };
  const auto not_before_latest = [&](double seconds) {
    return latest = std::max(latest, to_hundredths(seconds));
  };

  segment.words.clear();
  for (const TimedWord& word : timed.words) {
    const double start = in_window(word.start), end = in_window(word.end);
    const size_t piece = times.map.piece_at((start + end) / 2);
    Word placed;
    placed.start = not_before_latest(times.map.at(start, piece));
    placed.end = not_before_latest(times.map.at(end, piece));
    placed.word = word.word;
    placed.probability = word.probability;
    segment.words.push_back(std::move(placed));
  }
  if (segment.words.empty()) {
    segment.start = not_before_latest(times.map.start_at(in_window(timed.start)));
    segment.end = not_before_latest(times.map.end_at(in_window(timed.end)));
  } else {
    segment.start = segment.words.front().start;
    segment.end = segment.words.back().end;
  }
}

}  // namespace millrace
