#include "decoders/speech/window_segments.h"

#include <algorithm>

namespace millrace {
namespace {

class Splitter {
 public:
  Splitter(std::span<const TokenId> tokens, const SpeechTokens& speech, const WindowExtent& extent)
      : tokens_(tokens), speech_(speech), extent_(extent) {}

  // Where a second timestamp of a pair stands.
  std::vector<size_t> pairs() const {
    std::vector<size_t> found;
    for (size_t i = 1; i < tokens_.size(); ++i)
      if (is_time(i) && is_time(i - 1)) found.push_back(i);
    return found;
  }

  bool is_time(size_t i) const { return speech_.is_timestamp(tokens_[i]); }
  int64_t steps(size_t i) const { return tokens_[i] - speech_.timestamp_begin; }
  double seconds(size_t i) const {
    return extent_.offset + static_cast<double>(steps(i)) * kSecondsPerTimestamp;
  }
  double content_end() const {
    return extent_.offset + static_cast<double>(extent_.content_samples) / kSamplesPerSecond;
  }

  TimedTokens segment(size_t begin, size_t end) const {
    TimedTokens cut;
    cut.start = is_time(begin) ? seconds(begin) : extent_.offset;
    cut.end = is_time(end - 1) && end - 1 > begin ? seconds(end - 1) : content_end();
    cut.tokens.assign(tokens_.begin() + static_cast<ptrdiff_t>(begin),
                      tokens_.begin() + static_cast<ptrdiff_t>(end));
    return cut;
  }

  // Everything as one segment, up to the last timestamp when there is one.
  TimedTokens whole() const {
    TimedTokens all;
    all.start = extent_.offset;
    all.end = content_end();
    all.tokens.assign(tokens_.begin(), tokens_.end());
    for (size_t i = tokens_.size(); i-- > 0;) {
      if (!is_time(i)) continue;
      if (steps(i) != 0) all.end = seconds(i);
      break;
    }
    return all;
  }

 private:
  std::span<const TokenId> tokens_;
  const SpeechTokens& speech_;
  const WindowExtent& extent_;
};

}  // namespace

WindowSegments split_window(std::span<const TokenId> tokens, const SpeechTokens& speech,
                            const WindowExtent& extent) {
  const Splitter splitter(tokens, speech, extent);
  const size_t size = tokens.size();
  WindowSegments result;
  result.consumed = extent.content_samples;
  result.ends_in_silence = size >= 2 && splitter.is_time(size - 1) && !splitter.is_time(size - 2);

  const auto pairs = splitter.pairs();
  if (pairs.empty()) {
    if (size > 0) result.segments.push_back(splitter.whole());
    return result;
  }
  size_t begin = 0;
  for (const size_t pair : pairs) {
    result.segments.push_back(splitter.segment(begin, pair));
    begin = pair;
  }
  if (result.ends_in_silence || (extent.keep_unfinished && begin + 1 < size)) {
    result.segments.push_back(splitter.segment(begin, size));
  } else if (!extent.keep_unfinished) {
    const int64_t reached = splitter.steps(begin - 1) * kSamplesPerTimestamp;
    // A window that moves nothing would be decoded for ever.
    if (reached > 0) result.consumed = std::min(reached, extent.content_samples);
  }
  return result;
}

}  // namespace millrace
