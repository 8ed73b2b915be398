#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "decoders/speech/speech_tokens.h"

namespace millrace {

constexpr double kSamplesPerSecond = 16000;
constexpr double kSecondsPerTimestamp = 0.02;
constexpr int64_t kSamplesPerTimestamp = 320;  // and per encoder position

// A word found in a window, in the seconds of the sound as the window heard it.
struct TimedWord {
  std::string word;
  std::vector<TokenId> tokens;
  double start = 0, end = 0;
  double probability = 0;
};

// A stretch of a window's tokens between two timestamps.
struct TimedTokens {
  double start = 0, end = 0;  // seconds
  std::vector<TokenId> tokens;
  std::vector<TimedWord> words;
};

struct WindowSegments {
  std::vector<TimedTokens> segments;
  int64_t consumed = 0;  // samples of the window that are done with
  // The text ended with one timestamp: after it nothing was said in the window.
  bool ends_in_silence = false;
};

struct WindowExtent {
  double offset = 0;            // seconds at which the window starts; added to all times
  int64_t content_samples = 0;  // sound in it; the rest is padding
  // What the model began after the last pair of timestamps is normally dropped and decoded again from there
  // in the next window. Where there is no next window for it, it is kept.
  bool keep_unfinished = false;
};

// Cuts a window's tokens at its pairs of timestamps.
WindowSegments split_window(std::span<const TokenId> tokens, const SpeechTokens& speech,
                            const WindowExtent& extent);

}  // namespace millrace
