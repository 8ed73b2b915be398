#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/utterance_end.h"
#include "decoders/speech/local_agreement.h"
#include "decoders/speech/speech_transcriber.h"

namespace millrace {

// What is known so far of what is being said. Times are of the stream.
struct PartialText {
  double start = 0, end = 0;
  std::string settled;  // two hypotheses in a row agree on it
  std::string rest;     // the latest one goes on so
  double latency = 0;   // seconds from `end`, as it was spoken, to when it was written down; or not a number
  std::string text() const { return settled + rest; }
};

struct LiveText {
  std::optional<PartialText> partial;
  std::vector<Segment> segments;  // final: they never change, and no later one begins before them
  int64_t settled_samples = 0;    // of the window that later windows need not hold any more
  std::string language;
};

// Transcribes utterances while they are being spoken: window after window of the same utterance, each a
// little longer. Every window is decoded greedily and whole, the text of the one before serving as a draft,
// so that little is computed twice and nothing depends on earlier guesses. Text of an utterance that is over
// is final, found with as many beams as the options say; of one that goes on for long, the first segments
// are, once two hypotheses agree on them. Immutable: a State per stream.
class LiveTranscriber {
 public:
  struct Options {
    double settle_after_s = 10;   // of an utterance: its first segments may become final
    int64_t context_tokens = 64;  // of final text, given as context to what follows
  };
  // Error(model), Error(usage): as SpeechTranscriber. The first of the options' temperatures is everybody's;
  // the others serve final text that is too repetitive or too improbable, when it is so without context too.
  LiveTranscriber(SpeechTranscriber::Parts parts, const Options& options);

  struct Pending {  // the latest window of an utterance and what was heard in it
    EncodedWindow window;
    WindowResult result;
    SpeechTranscriber::Memory after;               // what would be remembered of it
    bool begun = false;                            // its first segments are final already
    std::optional<WindowResult> anticipated = {};  // its final text
  };
  struct State {
    SpeechTranscriber::State speech;
    LocalAgreement agreement;
    std::vector<TokenId> draft;
    std::optional<Pending> pending;
    std::string last_text;  // of the utterance before
  };
  State begin() const {
    return {.speech = quick_.begin(), .agreement = {}, .draft = {}, .pending = {}, .last_text = {}};
  }

  // A window without sound says of the one before that the utterance is over.
  LiveText hear(State& state, const EncodedWindow& window, UtteranceEnd end) const;
  // The speaker pauses: the time in which nothing else is to be done serves to find the final text, should
  // the latest window turn out to have been all.
  void anticipate(State& state) const;

 private:
  Pending listen(State& state, const EncodedWindow& window) const;
  WindowResult final_result(State& state, const Pending& heard) const;
  LiveText finish(State& state, Pending heard) const;
  LiveText go_on(State& state, Pending heard) const;
  void settle(State& state, LiveText& text) const;
  void commit(State& state, std::span<Segment> segments) const;
  std::vector<std::string> words(const Segment& segment, const std::string& language) const;

  Options options_;
  SpeechTranscriber quick_;
  std::optional<SpeechTranscriber> thorough_, careful_;  // none where the options ask for nothing more
};

}  // namespace millrace
