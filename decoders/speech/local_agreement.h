#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace millrace {

// Which words of a text that is still being spoken are settled: those that two hypotheses in a row agree on,
// from the first word on (LocalAgreement-2: Macháček, Dabre and Bojar, "Turning Whisper into Real-Time
// Transcription System", 2023). What is settled stays, whatever later hypotheses say.
class LocalAgreement {
 public:
  // The words that the next hypothesis has for all that is said and not taken out by forget().
  void push(std::vector<std::string> words);
  // So many words at the beginning are not part of later hypotheses: they are final.
  void forget(size_t words);

  size_t settled_words() const { return settled_.size(); }
  std::string settled() const;
  std::string rest() const;  // of the latest hypothesis

 private:
  std::vector<std::string> settled_, latest_;
};

}  // namespace millrace
