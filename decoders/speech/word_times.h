#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "decoders/speech/window_segments.h"
#include "decoders/speech/word_alignment.h"
#include "decoders/speech/word_splitting.h"

namespace millrace {

// Words with the times of their tokens, from the window's start; what has no tokens is left out.
std::vector<TimedWord> time_words(std::span<const TokenWord> words, const TokenAlignment& alignment);

// Joins punctuation with the word it belongs to; the joined words' `word` and `tokens` become empty.
void merge_punctuation(std::vector<TimedWord>& words, std::string_view prepended, std::string_view appended);

// How long words last in a window: the limits below come from it.
struct WordDurations {
  double median = 0;   // at most 0.7 s
  double longest = 0;  // twice the median
};
WordDurations measure(std::span<const TimedWord> words);

// At the ends of sentences the attention rests on the silence: shortens words there that last too long.
void shorten_at_sentence_ends(std::vector<TimedWord>& words, const WordDurations& durations);

// Hands the words out to the segments of one window, with `offset` seconds added, and settles the differences
// between word times and timestamps at the segments' ends: too long a word gives way, else the segment takes
// its words' times. `last_speech` is when the word before the window ended; it becomes the end of the
// window's last word.
struct WordPlacement {
  double offset = 0;
  WordDurations durations;
};
void place_words(std::vector<TimedTokens>& segments, std::span<const TimedWord> words,
                 const SpeechTokens& speech, const WordPlacement& placement, double& last_speech);

}  // namespace millrace
