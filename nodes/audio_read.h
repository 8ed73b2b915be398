#pragma once
#include <memory>
#include <optional>
#include <string>

#include "devices/live_audio.h"
#include "graph/contract.h"
#include "nodes/pcm_formats.h"

namespace millrace {

//   audio: {type: audio.read, inputs: {path: $input}}
struct AudioRead {
  struct Params {
    std::optional<PcmFormat> pcm_format = {};
    int64_t pcm_rate = 16000;
    int64_t pcm_channels = 1;
    bool realtime = false;
  };
  struct In {
    Ref<std::string> path;
  };
  struct Out {
    AudioClip clip;
  };
  struct State {
    std::string path;
    std::unique_ptr<AudioSource> source;
    std::unique_ptr<LiveAudio> live;  // instead, in real time
  };

  static constexpr auto contract = make_contract(
      {.type = "audio.read",
       .help = "Any recording as mono sound of 16 kHz, block by block.",
       .blocking = true},
      params(
          choice<&Params::pcm_format>("pcm_format", kPcmFormats, "how samples without a header are stored"),
          param<&Params::pcm_rate>("pcm_rate", "of sound without a header",
                                   {.min = 1, .max = 768000, .unit = "Hz"}),
          param<&Params::pcm_channels>("pcm_channels", "of sound without a header", {.min = 1, .max = 64}),
          param<&Params::realtime>("realtime", "each block comes when it would if it were spoken now")),
      inputs(port<&In::path>("path", "a file of sound or video; - is standard input")),
      outputs(port<&Out::clip>("clip", "the next block")));

  AudioRead(const Params& params, Resources& resources);
  State begin(const In& in) const;
  bool next(State& state, Emit<Out>& emit) const;

 private:
  AudioOptions options_;
  std::shared_ptr<StreamClock> clock_;  // null: as fast as it can be read
  std::shared_ptr<const StopToken> stop_;
};

}  // namespace millrace
