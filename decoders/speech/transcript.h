#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace millrace {

// Times are seconds in the original recording, whatever was cut out of it on the way.
struct Word {
  double start = 0, end = 0;
  std::string word;  // as it stands in the text, with the space before it and the punctuation around it
  double probability = 0;
};

// A stretch of text between two timestamps.
struct Segment {
  int id = 0;        // from 0
  int64_t seek = 0;  // where the window began, in hundredths of a second of the recording
  double start = 0, end = 0;
  std::string text;
  std::vector<TokenId> tokens;
  double avg_logprob = 0;        // of the whole window's tokens
  double compression_ratio = 0;  // of the whole window's text
  double no_speech_prob = 0;
  double temperature = 0;
  std::vector<Word> words;  // empty unless asked for
  // Of live sound: seconds from its end, as it was spoken, to when it was written down. Else not a number.
  double latency = std::numeric_limits<double>::quiet_NaN();
};

struct Transcript {
  std::string text;
  std::string task = "transcribe";
  std::string language;  // code
  double language_probability = 0;
  double duration = 0;  // of the recording, in seconds
  std::vector<Segment> segments;
};

}  // namespace millrace
