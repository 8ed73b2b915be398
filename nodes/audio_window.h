#pragma once
#include <string>

#include "graph/contract.h"
#include "nodes/packets.h"
#include "preprocess/audio_windows.h"
#include "preprocess/clip_cutter.h"

namespace millrace {

//   windows: {type: audio.window, inputs: {clip: speech.clip}, feedback: {step: text.step}, seconds: 30}
struct AudioWindow {
  struct Params {
    double seconds = 30;
    std::string clip_timestamps = "0";
  };
  struct In {
    Ref<AudioClip> clip;
    Ref<WindowStep> step;
  };
  struct Out {
    AudioClip clip;
  };
  struct State {
    ClipCutter parts;
    AudioWindows windows;
    bool waiting = false;  // for the step from the window that was given
  };

  static constexpr auto contract = make_contract(
      {.type = "audio.window",
       .help = "Windows of a recording, each beginning where the text of the one before ended."},
      params(param<&Params::seconds>("seconds", "of a window", {.min = 0.1, .max = 30, .unit = "s"}),
             param<&Params::clip_timestamps>(
                 "clip_timestamps",
                 "parts of the recording to listen to, in seconds: "
                 "start,end,start,end,…; without a last end, up to the recording's")),
      inputs(port<&In::clip>("clip", "mono sound of 16 kHz, block by block"),
             feedback_port<&In::step>("step", "how far the last window was consumed")),
      outputs(port<&Out::clip>("clip", "the next window")));

  AudioWindow(const Params& params, Resources& resources);
  State begin() const;
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State& state, Emit<Out>& emit) const;

 private:
  AudioWindowOptions options_;
  RecordingParts parts_;
};

}  // namespace millrace
