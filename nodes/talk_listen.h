#pragma once
#include <memory>
#include <optional>

#include "base/cancel.h"
#include "graph/contract.h"
#include "nodes/speech_detector.h"
#include "nodes/talk_packets.h"
#include "preprocess/speech_cutter.h"

namespace millrace {

//   listen: {type: talk.listen, inputs: {clip: audio.clip}}
struct TalkListen {
  struct Params {
    SpeechDetector::Method method = SpeechDetector::Method::silero;
    double threshold = 0.5;
    double min_speech_duration_ms = 250;
    double min_silence_duration_ms = 500;
    double max_speech_duration_s = 28;
    double speech_pad_ms = 200;
    bool barge_in = true;
  };
  struct In {
    Ref<AudioClip> clip;
  };
  struct Out {
    AudioClip clip;
    Utterance utterance;
  };
  struct State {
    std::shared_ptr<Floor> floor;
    std::unique_ptr<SpeechCutter> cutter;
    std::optional<Turn> turn;       // of the utterance under way
    std::optional<AudioClip> held;  // its latest clip, until it is known whether it is the last
    int64_t position = 0;           // samples that came out
    double began_at = std::numeric_limits<double>::quiet_NaN();  // of the recording
  };

  static constexpr auto contract = make_contract(
      {.type = "talk.listen",
       .help =
           "Cuts live sound into what is said between two silences. Speech that begins is a new turn, and "
           "cancels the answer under way before anything is known of its words."},
      params(
          choice<&Params::method>("method", SpeechDetector::kMethods, SpeechDetector::kHelp),
          param<&Params::threshold>("threshold", "speech begins at this probability", {.min = 0, .max = 1}),
          param<&Params::min_speech_duration_ms>("min_speech_duration_ms",
                                                 "shorter speech is no utterance and cancels nothing",
                                                 {.min = 0, .max = 1e4, .unit = "ms"}),
          param<&Params::min_silence_duration_ms>("min_silence_duration_ms",
                                                  "shorter silence does not end an utterance",
                                                  {.min = 0, .max = 1e4, .unit = "ms"}),
          param<&Params::max_speech_duration_s>("max_speech_duration_s",
                                                "longer utterances go on in another clip",
                                                {.min = 1, .max = 30, .unit = "s"}),
          param<&Params::speech_pad_ms>("speech_pad_ms",
                                        "kept around an utterance; it waits for twice as much silence",
                                        {.min = 0, .max = 1e4, .unit = "ms"}),
          param<&Params::barge_in>("barge_in",
                                   "listens while an answer is spoken, too: for headphones; otherwise the "
                                   "microphone would hear the loudspeakers")),
      inputs(port<&In::clip>("clip", "mono sound of 16 kHz, block by block")),
      outputs(port<&Out::clip>("clip", "an utterance"),
              port<&Out::utterance>("utterance", "its place in the conversation")));

  TalkListen(const Params& params, Resources& resources);
  State begin() const;
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State& state, Emit<Out>& emit) const;

 private:
  void take(State& state, std::vector<AudioClip> clips, Emit<Out>& emit) const;
  void give(State& state, bool ends, Emit<Out>& emit) const;

  VoiceActivityOptions options_;
  bool barge_in_;
  std::shared_ptr<const StopToken> stop_;
  SpeechDetector detector_;
};

}  // namespace millrace
