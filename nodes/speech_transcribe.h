#pragma once
#include <memory>
#include <optional>
#include <string>

#include "nodes/packets.h"
#include "nodes/transcription.h"
#include "nodes/transcription_params.h"

namespace millrace {

//   text: {type: speech.transcribe, inputs: {states: encoded.states, clip: windows.clip}, model: $model}
struct SpeechTranscribe {
  struct Params : TranscriptionOptions {
    std::string model;
  };
  struct In {
    Ref<EncoderStates> states;
    Ref<AudioClip> clip;
    Ref<RecordingMeasure> measure;
  };
  struct Out {
    Ref<Segment> segment = nullptr;
    Ref<WindowStep> step = nullptr;
    Ref<Transcript> transcript = nullptr;
  };
  using State = Transcription;

  static constexpr auto contract = make_contract(
      {.type = "speech.transcribe",
       .help = "Writes what is said in one window after the other, with the text so far as context."},
      transcription_params(
          param<&Params::model>("model", "a Whisper-like model", {.required = true, .model = true})),
      inputs(port<&In::states>("states", "what the encoder heard in the window"),
             port<&In::clip>("clip", "the window: its place in the recording"),
             optional_port<&In::measure>("measure", "how long the recording is")),
      outputs(optional_port<&Out::segment>("segment", "a stretch of text, as soon as it is written"),
              optional_port<&Out::step>("step", "how far the window was consumed"),
              optional_port<&Out::transcript>("transcript", "all of the text, at the end")));

  SpeechTranscribe(const Params& params, Resources& resources);
  State begin() const { return Transcription(*transcriber_); }
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State& state, Emit<Out>& emit) const;

 private:
  std::shared_ptr<const SpeechTranscriber> transcriber_;
};

}  // namespace millrace
