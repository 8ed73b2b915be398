#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoders/speech/speech_tokens.h"
#include "decoders/text_decoder.h"

namespace millrace {

struct LanguageGuess {
  std::string code;
  double probability = 0;
};

// The likeliest language of what each of the slots attends to, and how likely it is among all languages. One
// step from the start of the transcript; the slots are emptied before and after.
std::vector<LanguageGuess> detect_languages(DecoderSession& session, const SpeechTokens& speech,
                                            std::span<const int> slots);

// Settles on a language over several windows: the first one that is likely enough, else, after `most`
// windows, the one with the most votes (the earliest among equals).
class LanguageVote {
 public:
  LanguageVote(std::optional<double> threshold, int64_t most) : threshold_(threshold), most_(most) {}
  void add(const LanguageGuess& guess);
  bool settled() const { return settled_; }
  // The settled language, else the leading one.
  const LanguageGuess& winner() const { return winner_; }

 private:
  struct Candidate {
    LanguageGuess best;
    int votes = 0;
  };
  std::optional<double> threshold_;
  int64_t most_;
  int64_t windows_ = 0;
  std::vector<Candidate> candidates_;
  LanguageGuess winner_;
  bool settled_ = false;
};

}  // namespace millrace
