#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "base/stream_clock.h"
#include "devices/stream_account.h"
#include "graph/contract.h"
#include "nodes/packets.h"
#include "nodes/speech_detector.h"
#include "preprocess/live_windows.h"

namespace millrace {

//   windows: {type: audio.utterance, inputs: {clip: audio.clip}, feedback: {step: text.step}, queue: 600,
//   policy: drop_oldest}
struct AudioUtterance {
  struct Params {
    SpeechDetector::Method method = SpeechDetector::Method::silero;
    double threshold = 0.5;
    double min_speech_duration_ms = 100;
    double min_silence_duration_ms = 400;
    double speech_pad_ms = 300;
    double longest = 26;
    double step = 0.25;
  };
  struct In {
    Ref<AudioClip> clip;
    Ref<WindowStep> step;
  };
  struct Out {
    AudioClip clip;
    UtteranceWindow window;
  };
  struct State {
    std::unique_ptr<LiveWindows> windows;
    bool waiting = false;  // for the step from the window that was given
    bool newest = true;    // no younger sound waits to be taken in
    std::optional<double> next_time = {};
    std::vector<StreamGap> gaps = {};  // not passed on yet
    double least_late = 0;             // seconds that the newest sound is behind the clock
    double began_at = 0;
  };

  static constexpr auto contract = make_contract(
      {.type = "audio.utterance",
       .help = "Utterances in live sound, each heard again and again while it is being spoken."},
      params(choice<&Params::method>("method", SpeechDetector::kMethods, SpeechDetector::kHelp),
             param<&Params::threshold>("threshold", "speech begins at this probability",
                                       {.min = 0.01, .max = 1}),
             param<&Params::min_speech_duration_ms>("min_speech_duration_ms", "shorter speech is dropped",
                                                    {.min = 0, .max = 1e4, .unit = "ms"}),
             param<&Params::min_silence_duration_ms>("min_silence_duration_ms",
                                                     "so much silence ends an utterance",
                                                     {.min = 100, .max = 1e4, .unit = "ms"}),
             param<&Params::speech_pad_ms>("speech_pad_ms", "kept around speech",
                                           {.min = 0, .max = 1000, .unit = "ms"}),
             param<&Params::longest>("longest", "a longer utterance is cut, where it pauses if it does",
                                     {.min = 5, .max = 30, .unit = "s"}),
             param<&Params::step>("step", "of new speech, before it is heard again",
                                  {.min = 0.05, .max = 30, .unit = "s"})),
      inputs(port<&In::clip>("clip", "mono sound of 16 kHz, block by block"),
             feedback_port<&In::step>("step", "how far the last window was consumed")),
      outputs(port<&Out::clip>("clip",
                               "the next window; without samples where an utterance is over and all of "
                               "it has been heard"),
              port<&Out::window>("window", "whether the utterance goes on")));

  AudioUtterance(const Params& params, Resources& resources);
  State begin() const;
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State& state, Emit<Out>& emit) const;

 private:
  void take(State& state, const AudioClip& clip) const;
  void count(const StreamCounts& counts) const;
  bool is_newest(State& state, const AudioClip& clip) const;

  LiveWindowOptions options_;
  SpeechDetector detector_;
  std::shared_ptr<StreamClock> clock_;
  std::shared_ptr<SpeechAccount> account_;  // null: nobody asks
};

}  // namespace millrace
