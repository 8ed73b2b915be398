#include "decoders/speech/language_detection.h"

#include <algorithm>
#include <cmath>

namespace millrace {
namespace {

LanguageGuess likeliest(std::span<const float> logits, const std::vector<SpeechTokens::Language>& languages) {
  const auto logit = [&](const SpeechTokens::Language& language) {
    return static_cast<double>(logits[static_cast<size_t>(language.token)]);
  };
  const auto best = std::max_element(languages.begin(), languages.end(),
                                     [&](const auto& a, const auto& b) { return logit(a) < logit(b); });
  double sum = 0;
  for (const auto& language : languages) sum += std::exp(logit(language) - logit(*best));
  return {best->code, 1 / sum};
}

}  // namespace

std::vector<LanguageGuess> detect_languages(DecoderSession& session, const SpeechTokens& speech,
                                            std::span<const int> slots) {
  std::vector<DecoderFeed> feeds;
  for (const int slot : slots) {
    session.truncate(slot, 0);
    feeds.push_back({.slot = slot, .tokens = {&speech.start_of_transcript, 1}});
  }
  const Tensor logits = session.step(feeds);
  for (const int slot : slots) session.truncate(slot, 0);
  const auto vocabulary = static_cast<size_t>(logits.dim(1));
  std::vector<LanguageGuess> guesses;
  for (size_t i = 0; i < slots.size(); ++i)
    guesses.push_back(
        likeliest(logits.values<float>().subspan(i * vocabulary, vocabulary), speech.languages));
  return guesses;
}

void LanguageVote::add(const LanguageGuess& guess) {
  if (settled_) return;
  ++windows_;
  if (!threshold_ || guess.probability > *threshold_) {
    winner_ = guess;
    settled_ = true;
    return;
  }
  auto candidate = std::find_if(candidates_.begin(), candidates_.end(),
                                [&](const Candidate& c) { return c.best.code == guess.code; });
  if (candidate == candidates_.end()) candidate = candidates_.insert(candidates_.end(), {guess, 0});
  ++candidate->votes;
  candidate->best.probability = std::max(candidate->best.probability, guess.probability);
  winner_ =
      std::max_element(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
        return a.votes < b.votes;
      })->best;
  settled_ = windows_ >= most_;
}

}  // namespace millrace
