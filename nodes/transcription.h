#pragma once
#include <memory>
#include <string>
#include <vector>

#include "decoders/speech/speech_transcriber.h"
#include "graph/resources.h"
#include "nodes/packets.h"

namespace millrace {

// The transcript of one recording as it comes about.
class Transcription {
 public:
  explicit Transcription(const SpeechTranscriber& transcriber);

  SpeechTranscriber::State& state() { return state_; }
  void measured(const Ref<RecordingMeasure>& measure);
  // Takes a window's result in, and gives its segments to pass on.
  std::vector<Ref<Segment>> add(WindowResult result, const AudioClip& clip);
  Transcript finish();

 private:
  SpeechTranscriber::State state_;
  Transcript transcript_;
  bool measured_ = false;
};

// What a transcriber of the named model is made of. Error(model) when it writes no transcripts.
SpeechTranscriber::Parts transcriber_parts(const std::string& model, const TranscriptionOptions& options,
                                           Resources& resources);
// For the named model. Error(model) when it writes no transcripts, Error(usage) for options that it can't
// follow.
std::shared_ptr<const SpeechTranscriber> make_transcriber(const std::string& model,
                                                          const TranscriptionOptions& options,
                                                          Resources& resources);

EncodedWindow encoded_window(const EncoderStates& states, const AudioClip& clip);

}  // namespace millrace
