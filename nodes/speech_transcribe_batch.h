#pragma once
#include <memory>
#include <string>
#include <vector>

#include "nodes/packets.h"
#include "nodes/transcription.h"
#include "nodes/transcription_params.h"

namespace millrace {

//   text: {type: speech.transcribe_batch, inputs: {states: encoded.states, clip: windows.clip}, model:
//   $model, windows: 8}
struct SpeechTranscribeBatch {
  struct Params : TranscriptionOptions {
    std::string model;
    int64_t windows = 8;
  };
  struct In {
    Ref<EncoderStates> states;
    Ref<AudioClip> clip;
    Ref<RecordingMeasure> measure;
  };
  struct Out {
    Ref<Segment> segment = nullptr;
    Ref<Transcript> transcript = nullptr;
  };
  struct State {
    Transcription transcription;
    std::vector<In> waiting;
  };

  static constexpr auto contract = make_contract(
      {.type = "speech.transcribe_batch",
       .help = "Writes what is said in several windows at once, each without the others' text as context."},
      transcription_params(
          param<&Params::model>("model", "a Whisper-like model", {.required = true, .model = true}),
          param<&Params::windows>("windows", "decoded together", {.min = 1, .max = 256})),
      inputs(port<&In::states>("states", "what the encoder heard in the window"),
             port<&In::clip>("clip", "the window: its place in the recording"),
             optional_port<&In::measure>("measure", "how long the recording is")),
      outputs(optional_port<&Out::segment>("segment", "a stretch of text, as soon as it is written"),
              optional_port<&Out::transcript>("transcript", "all of the text, at the end")));

  SpeechTranscribeBatch(const Params& params, Resources& resources);
  State begin() const { return {Transcription(*transcriber_), {}}; }
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State& state, Emit<Out>& emit) const;

 private:
  void transcribe(State& state, Emit<Out>& emit) const;

  size_t windows_;
  std::shared_ptr<const SpeechTranscriber> transcriber_;
};

}  // namespace millrace
