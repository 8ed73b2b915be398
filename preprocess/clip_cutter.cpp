#include "preprocess/clip_cutter.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace {
namespace {

double to_hundredths(double seconds) { return std::round(seconds * 100) / 100; }

AudioClip part_of(const AudioClip& block, int64_t from, int64_t to) {
  AudioClip clip;
  clip.sample_rate = block.sample_rate;
  const auto begin = block.samples.begin() + block.context_before;
  clip.samples.assign(begin + from, begin + to);
  clip.spans = {{0, block.seconds_at(from)}};
  clip.last = block.last && to == block.length();
  clip.speech = block.speech;
  return clip;
}

}  // namespace

ClipCutter::ClipCutter(const RecordingParts& parts) {
  for (const auto& [start, end] : parts) {
    const Part part{to_hundredths(start),
                    end ? to_hundredths(*end) : std::numeric_limits<double>::infinity()};
    if (part.start < part.end) parts_.push_back(part);
  }
}

std::vector<ClipCutter::Piece> ClipCutter::push(const AudioClip& block) {
  std::vector<Piece> pieces;
  std::vector<int64_t> joins;  // where the block's time jumps
  for (const TimeSpan& span : block.spans)
    if (span.first_sample > 0 && span.first_sample < block.length()) joins.push_back(span.first_sample);
  joins.push_back(block.length());
  int64_t from = 0;
  for (const int64_t to : joins) {
    cut_span(block, from, to, pieces);
    from = to;
  }
  return pieces;
}

// Of a stretch without jumps.
void ClipCutter::cut_span(const AudioClip& block, int64_t from, int64_t to, std::vector<Piece>& pieces) {
  const double begin = block.seconds_at(from);
  const auto sample_of = [&](double seconds) {
    const double distance = std::min((seconds - begin) * block.sample_rate, static_cast<double>(to - from));
    return from + std::max<int64_t>(0, std::llround(distance));
  };
  for (; part_ < parts_.size(); ++part_) {
    const int64_t first = sample_of(parts_[part_].start), end = sample_of(parts_[part_].end);
    if (first < end) {
      pieces.push_back({part_of(block, first, end), last_given_ != part_});
      last_given_ = part_;
    }
    if (end == to) return;  // the part may go on in what follows
  }
}

}  // namespace millrace
