#include "decoders/speech/hallucination.h"

#include <algorithm>
#include <string_view>

namespace millrace {
namespace {

constexpr std::string_view kPunctuation = "\"'“¿([{-\"'.。,，!！?？:：”)]}、";

double anomaly(const TimedWord& word) {
  const double duration = word.end - word.start;
  double score = 0;
  if (word.probability < 0.15) score += 1;
  if (duration < 0.133) score += (0.133 - duration) * 15;
  if (duration > 2) score += duration - 2;
  return score;
}

const TimedTokens* next_with_words(const std::vector<TimedTokens>& segments, size_t from) {
  for (size_t i = from; i < segments.size(); ++i)
    if (!segments[i].words.empty()) return &segments[i];
  return nullptr;
}

}  // namespace

bool is_anomalous(const TimedTokens& segment) {
  double score = 0;
  int counted = 0;
  for (const TimedWord& word : segment.words) {
    if (kPunctuation.find(word.word) != std::string_view::npos) continue;
    score += anomaly(word);
    if (++counted == 8) break;
  }
  return !segment.words.empty() && (score >= 3 || score + 0.01 >= counted);
}

GuardVerdict find_hallucination(const std::vector<TimedTokens>& segments, const GuardedWindow& window) {
  GuardVerdict verdict{.next_start = {}, .drop_all = false, .kept = segments.size()};
  const TimedTokens* first = next_with_words(segments, 0);
  if (first != nullptr && is_anomalous(*first) && first->start - window.start > window.threshold) {
    verdict.next_start = first->start;
    verdict.drop_all = true;
    return verdict;
  }
  double last_end = window.last_speech;
  for (size_t i = 0; i < segments.size(); ++i) {
    const TimedTokens& segment = segments[i];
    if (segment.words.empty()) continue;
    if (is_anomalous(segment)) {
      const TimedTokens* next = next_with_words(segments, i + 1);
      const double next_start = next != nullptr ? next->words.front().start : window.content_end;
      const bool silence_before = segment.start - last_end > window.threshold ||
                                  segment.start < window.threshold || segment.start - window.start < 2;
      const bool silence_after = next_start - segment.end > window.threshold ||
                                 (next != nullptr && is_anomalous(*next)) || window.end - segment.end < 2;
      if (silence_before && silence_after) {
        verdict.kept = i;
        verdict.next_start = std::max(window.start + 1, segment.start);
        if (window.last && window.content_end - segment.end < window.threshold)
          verdict.next_start = window.content_end;
        return verdict;
      }
    }
    last_end = segment.end;
  }
  return verdict;
}

}  // namespace millrace
