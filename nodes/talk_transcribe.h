#pragma once
#include <memory>
#include <string>

#include "nodes/talk_packets.h"
#include "nodes/transcription.h"
#include "nodes/transcription_params.h"

namespace millrace {

//   heard: {type: talk.transcribe, inputs: {states: encoded.states, clip: listen.clip, utterance:
//   listen.utterance},
//           model: $model}
struct TalkTranscribe {
  struct Params : TranscriptionOptions {
    std::string model;
  };
  struct In {
    Ref<EncoderStates> states;
    Ref<AudioClip> clip;
    Ref<Utterance> utterance;
  };
  struct Out {
    Heard heard;
  };
  struct State {
    SpeechTranscriber::State transcriber;
  };

  static constexpr auto contract = make_contract(
      {.type = "talk.transcribe",
       .help = "Writes down what is said in each clip of a conversation, by itself."},
      transcription_params(
          param<&Params::model>("model", "a Whisper-like model", {.required = true, .model = true})),
      inputs(port<&In::states>("states", "what the encoder heard in the clip"),
             port<&In::clip>("clip", "an utterance, of 30 s at most"),
             port<&In::utterance>("utterance", "its place in the conversation")),
      outputs(port<&Out::heard>("heard", "what was said, without words where there were none")));

  TalkTranscribe(const Params& params, Resources& resources)
      : transcriber_(make_transcriber(params.model, params, resources)) {}
  State begin() const { return {transcriber_->begin()}; }
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State&, Emit<Out>&) const {}

 private:
  std::shared_ptr<const SpeechTranscriber> transcriber_;
};

}  // namespace millrace
