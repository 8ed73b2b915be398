#include "decoders/speech/word_times.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "decoders/speech/strip.h"

namespace millrace {
namespace {

constexpr std::string_view kSentenceEnds = ".。!！?？";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
double to_hundredths(double seconds) { return std::round(seconds * 100) / 100; }

void join(TimedWord& word, const TimedWord& before, const TimedWord& after) {
  auto text = before.word + after.word;
  auto tokens = before.tokens;
  tokens.insert(tokens.end(), after.tokens.begin(), after.tokens.end());
  word.word = std::move(text);
  word.tokens = std::move(tokens);
}

void clear(TimedWord& word) {
  word.word.clear();
  word.tokens.clear();
}

// After a pause the attention comes early: the first two words may not last too long.
void shorten_after_pause(std::vector<TimedWord>& words, const WordDurations& durations, double last_speech) {
  TimedWord& first = words.front();
  if (first.end - last_speech <= durations.median * 4) return;
  const bool first_too_long = first.end - first.start > durations.longest;
  const bool two_too_long = words.size() > 1 && words[1].end - first.start > durations.longest * 2;
  if (!first_too_long && !two_too_long) return;
  if (words.size() > 1 && words[1].end - words[1].start > durations.longest) {
    const double boundary = std::max(words[1].end / 2, words[1].end - durations.longest);
    first.end = words[1].start = boundary;
  }
  first.start = std::max(0.0, first.end - durations.longest);
}

void settle_ends(TimedTokens& segment, double median) {
  TimedWord& first = segment.words.front();
  if (segment.start < first.end && segment.start - 0.5 > first.start) {
    first.start = std::max(0.0, std::min(first.end - median, segment.start));
  } else {
    segment.start = first.start;
  }
  TimedWord& last = segment.words.back();
  if (segment.end > last.start && segment.end + 0.5 < last.end) {
    last.end = std::max(last.start + median, segment.end);
  } else {
    segment.end = last.end;
  }
}

}  // namespace

std::vector<TimedWord> time_words(std::span<const TokenWord> words, const TokenAlignment& alignment) {
  std::vector<TimedWord> timed;
  size_t token = 0;
  for (const TokenWord& word : words) {
    const size_t end = token + word.tokens.size();
    if (end >= alignment.times.size() || end == token) break;
    const auto first = alignment.probabilities.begin() + static_cast<ptrdiff_t>(token);
    const double sum = std::accumulate(first, first + static_cast<ptrdiff_t>(word.tokens.size()), 0.0);
    timed.push_back({.word = word.text,
                     .tokens = word.tokens,
                     .start = alignment.times[token],
                     .end = alignment.times[end],
                     .probability = sum / static_cast<double>(word.tokens.size())});
    token = end;
  }
  return timed;
}

void merge_punctuation(std::vector<TimedWord>& words, std::string_view prepended, std::string_view appended) {
  if (words.empty()) return;
  for (size_t after = words.size() - 1, i = after; i-- > 0;) {
    if (words[i].word.starts_with(' ') && contains(prepended, strip(words[i].word))) {
      join(words[after], words[i], words[after]);
      clear(words[i]);
    } else {
      after = i;
    }
  }
  for (size_t before = 0, i = 1; i < words.size(); ++i) {
    if (!words[before].word.ends_with(' ') && contains(appended, words[i].word)) {
      join(words[before], words[before], words[i]);
      clear(words[i]);
    } else {
      before = i;
    }
  }
}

WordDurations measure(std::span<const TimedWord> words) {
  std::vector<double> durations;
  for (const TimedWord& word : words)
    if (word.end != word.start) durations.push_back(word.end - word.start);
  if (durations.empty()) return {};
  std::sort(durations.begin(), durations.end());
  const size_t middle = durations.size() / 2;
  const double median =
      durations.size() % 2 == 1 ? durations[middle] : (durations[middle - 1] + durations[middle]) / 2;
  return {.median = std::min(0.7, median), .longest = 2 * std::min(0.7, median)};
}

void shorten_at_sentence_ends(std::vector<TimedWord>& words, const WordDurations& durations) {
  if (durations.median <= 0) return;
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i].end - words[i].start <= durations.longest) continue;
    if (contains(kSentenceEnds, words[i].word)) {
      words[i].end = words[i].start + durations.longest;
    } else if (contains(kSentenceEnds, words[i - 1].word)) {
      words[i].start = words[i].end - durations.longest;
    }
  }
}

void place_words(std::vector<TimedTokens>& segments, std::span<const TimedWord> words,
                 const SpeechTokens& speech, const WordPlacement& placement, double& last_speech) {
  size_t next = 0;
  for (TimedTokens& segment : segments) {
    const auto text_tokens = static_cast<size_t>(std::count_if(segment.tokens.begin(), segment.tokens.end(),
                                                               [&](TokenId t) { return speech.is_text(t); }));
    size_t taken = 0;
    for (; next < words.size() && taken < text_tokens; ++next) {
      taken += words[next].tokens.size();
      if (words[next].word.empty()) continue;
      TimedWord word = words[next];
      word.start = to_hundredths(placement.offset + word.start);
      word.end = to_hundredths(placement.offset + word.end);
      segment.words.push_back(std::move(word));
    }
    if (segment.words.empty()) continue;
    shorten_after_pause(segment.words, placement.durations, last_speech);
    settle_ends(segment, placement.durations.median);
    last_speech = segment.end;
  }
}

}  // namespace millrace
