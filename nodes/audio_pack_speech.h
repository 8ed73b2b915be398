#pragma once
#include <string>

#include "graph/contract.h"
#include "nodes/packets.h"
#include "preprocess/clip_cutter.h"
#include "preprocess/speech_cutter.h"

namespace millrace {

//   windows: {type: audio.pack_speech, inputs: {clip: speech.clip}, seconds: 30}
struct AudioPackSpeech {
  struct Params {
    double seconds = 30;
    std::string clip_timestamps = "0";
  };
  struct In {
    Ref<AudioClip> clip;
  };
  struct Out {
    AudioClip clip;
  };
  struct State {
    ClipCutter parts;
    SpeechPacker packer;
    int64_t position = 0;
  };

  static constexpr auto contract = make_contract(
      {.type = "audio.pack_speech",
       .help = "Puts segments of speech together into clips that a model takes at once."},
      params(param<&Params::seconds>("seconds", "of a clip at most", {.min = 0.1, .max = 30, .unit = "s"}),
             param<&Params::clip_timestamps>(
                 "clip_timestamps",
                 "parts of the recording to listen to, in seconds: "
                 "start,end,start,end,…; without a last end, up to the recording's")),
      inputs(port<&In::clip>("clip", "segments of speech, none longer than a clip")),
      outputs(port<&Out::clip>("clip", "as many segments as have room")));

  AudioPackSpeech(const Params& params, Resources& resources);
  State begin() const;
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State& state, Emit<Out>& emit) const;

 private:
  int64_t most_samples_;
  RecordingParts parts_;
};

}  // namespace millrace
