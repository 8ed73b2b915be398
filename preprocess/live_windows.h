#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "base/utterance_end.h"
#include "preprocess/audio_buffer.h"
#include "preprocess/audio_clip.h"
#include "preprocess/speech_cutter.h"
#include "preprocess/speech_segmenter.h"

namespace millrace {

struct LiveWindowOptions {
  double threshold = 0.5;                // a chunk at least this probable begins speech
  double min_speech_duration_ms = 100;   // shorter speech is no utterance
  double min_silence_duration_ms = 400;  // ends an utterance
  double speech_pad_ms = 300;            // kept around it, as far as there is sound
  double longest_s = 26;                 // a longer utterance is cut, at its last pause where it has one
  double step_s = 0.25;                  // of new speech, before it is listened to again
};

struct LiveWindow {
  AudioClip clip;  // without samples: `over`, and the window before has been all of it
  UtteranceEnd end = UtteranceEnd::goes_on;
};

// Utterances in endless sound, listened to again and again while they are being spoken: each window begins
// where the utterance does, or where its text is settled, and ends now. At the first pause a window is given
// that may turn out to be all of the utterance: if silence follows, its text is final without any more
// listening. Where the sound's time jumps, an utterance ends. Holds no more sound than one utterance's
// longest_s and what the last block brought.
class LiveWindows {
 public:
  // `new_stream` makes a stream's SpeechProbabilities. Error(usage) for options that make no sense.
  LiveWindows(const LiveWindowOptions& options, std::function<SpeechProbabilities()> new_stream);

  void push(const AudioClip& block);  // Error(input): not 16 kHz
  void finish();                      // there is no more

  // The window that is due. Utterances that are over come in any case; one that goes on only when `newest`:
  // no younger sound is there to be pushed first. After each window, answered() comes before the next.
  std::optional<LiveWindow> next(bool newest);
  // So many samples of the window, from its start on, are settled: the next window begins after them.
  void answered(int64_t samples);

 private:
  struct Utterance {
    int64_t from = 0, until = 0;  // its sound, padded
    int64_t end = 0;              // of its speech
  };
  bool jumps(const AudioClip& block) const;
  void begin_part();
  void end_part();
  void analyse();
  void end_utterance(const SpeechSegment& speech);
  int64_t padded_start(int64_t speech) const;
  LiveWindow cut(int64_t from, int64_t to, UtteranceEnd end);
  std::optional<LiveWindow> next_of_current(bool newest);

  LiveWindowOptions options_;
  VoiceActivityOptions activity_;
  int64_t pad_, step_, longest_;  // samples
  std::function<SpeechProbabilities()> new_stream_;

  AudioBuffer buffer_;
  double began_at_;
  std::optional<double> next_time_;  // of the stream, where the next block is expected to begin
  // Since the last jump of time. The segmenter counts from part_.
  SpeechProbabilities probabilities_;
  std::optional<SpeechSegmenter> segmenter_;
  int64_t part_ = 0, analysed_ = 0;

  std::deque<Utterance> over_;  // not given yet
  int64_t settled_ = 0;         // no window begins before
  int64_t heard_ = 0;           // windows have reached so far
  int64_t pause_ = 0;           // where the current utterance last paused
  // Of the window that waits for its answer: its start, and what is settled whatever the answer is.
  int64_t given_ = 0, settles_ = 0;
};

}  // namespace millrace
