#include "decoders/speech/time_map.h"

#include <cmath>

namespace millrace {

TimeMap::TimeMap(std::vector<Piece> pieces, int sample_rate)
    : pieces_(std::move(pieces)), sample_rate_(sample_rate) {
  if (pieces_.empty()) pieces_.push_back({});
}

size_t TimeMap::piece_at(double seconds, bool as_end) const {
  const auto sample = static_cast<int64_t>(std::llround(seconds * sample_rate_));
  size_t piece = 0;
  while (piece + 1 < pieces_.size()) {
    const int64_t next = pieces_[piece + 1].first_sample;
    if (as_end ? sample <= next : sample < next) break;
    ++piece;
  }
  return piece;
}

double TimeMap::at(double seconds, size_t piece) const {
  const Piece& from = pieces_[piece];
  return from.seconds + seconds - static_cast<double>(from.first_sample) / sample_rate_;
}

}  // namespace millrace
