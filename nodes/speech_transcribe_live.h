#pragma once
#include <memory>
#include <string>

#include "base/stream_clock.h"
#include "decoders/speech/live_transcriber.h"
#include "nodes/packets.h"
#include "nodes/transcription_params.h"

namespace millrace {

//   text: {type: speech.transcribe_live, inputs: {states: encoded.states, clip: windows.clip, window:
//   windows.window}, model: $model}
struct SpeechTranscribeLive {
  struct Params : TranscriptionOptions {
    Params() {
      beam_size = 1;
      best_of = 3;
      temperature = {0, 0.4, 0.8};
      language_detection_threshold = 0.8;
      language_detection_segments = 3;
    }
    std::string model;
    double settle_after = 10;
    int64_t context_tokens = 64;
  };
  struct In {
    Ref<EncoderStates> states;
    Ref<AudioClip> clip;
    Ref<UtteranceWindow> window;
  };
  struct Out {
    Ref<PartialText> partial = nullptr;
    Ref<Segment> segment = nullptr;
    Ref<StreamGap> gap = nullptr;
    Ref<WindowStep> step = nullptr;
  };
  using State = LiveTranscriber::State;

  static constexpr auto contract = make_contract(
      {.type = "speech.transcribe_live",
       .help = "Writes what is being said: partial text as it settles, and final segments."},
      transcription_params(
          param<&Params::model>("model", "a Whisper-like model", {.required = true, .model = true}),
          param<&Params::settle_after>(
              "settle_after", "of an utterance: its first segments become final where they are settled",
              {.min = 1, .max = 30, .unit = "s"}),
          param<&Params::context_tokens>("context_tokens", "of final text, given as context to what follows",
                                         {.min = 0, .max = 223})),
      inputs(port<&In::states>("states", "what the encoder heard in the window"),
             port<&In::clip>("clip", "the window: its place in the stream"),
             port<&In::window>("window", "whether its utterance goes on")),
      outputs(optional_port<&Out::partial>("partial", "what is being said, as far as it is known"),
              optional_port<&Out::segment>("segment", "a stretch of text that never changes again"),
              optional_port<&Out::gap>("gap", "a stretch of the stream that was not heard"),
              optional_port<&Out::step>("step", "how far the window was consumed")));

  SpeechTranscribeLive(const Params& params, Resources& resources);
  State begin() const { return transcriber_->begin(); }
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State&, Emit<Out>&) const {}  // the windows before said what is over

 private:
  double latency(const AudioClip& clip, double seconds) const;

  std::shared_ptr<const LiveTranscriber> transcriber_;
  std::shared_ptr<StreamClock> clock_;
};

}  // namespace millrace
