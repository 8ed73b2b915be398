#pragma once
#include <memory>
#include <optional>
#include <string>

#include "devices/live_audio.h"
#include "devices/stream_account.h"
#include "graph/contract.h"
#include "nodes/packets.h"
#include "nodes/pcm_formats.h"

namespace millrace {

//   microphone: {type: audio.microphone, inputs: {source: $input}}
struct AudioMicrophone {
  struct Params {
    int64_t rate = 0;
    int64_t channels = 1;
    std::optional<PcmFormat> pcm_format = {};
  };
  struct In {
    Ref<std::string> source;
  };
  struct Out {
    std::optional<AudioClip> clip;
    std::optional<StreamGap> gap;
  };
  // Accounts for its sound when it ends.
  struct State {
    State(std::string from, std::unique_ptr<LiveAudio> live, std::shared_ptr<SoundAccount> account)
        : source(std::move(from)), audio(std::move(live)), counted(std::move(account)) {}
    State(State&&) = default;
    ~State();
    std::string source;
    std::unique_ptr<LiveAudio> audio;
    std::shared_ptr<SoundAccount> counted;  // null: nobody asks
  };

  static constexpr auto contract = make_contract(
      {.type = "audio.microphone",
       .help = "What a microphone hears now, block by block, each at its time; through losses of the device.",
       .blocking = true},
      params(param<&Params::rate>("rate",
                                  "of the microphone, or of sound without a header; 0: the "
                                  "microphone's own, or 16000",
                                  {.min = 0, .max = 768000, .unit = "Hz"}),
             param<&Params::channels>("channels", "of the microphone, or of sound without a header",
                                      {.min = 1, .max = 64}),
             choice<&Params::pcm_format>("pcm_format", kPcmFormats,
                                         "how samples without a header are stored; null: standard input "
                                         "may have none and is s16le then")),
      inputs(port<&In::source>("source",
                               "a microphone's name, a part of it, or its number; default; - for standard "
                               "input; or a file, which is played as if it were spoken now")),
      outputs(optional_port<&Out::clip>("clip", "the next tenth of a second"),
              optional_port<&Out::gap>("gap",
                                       "a time without sound: when it is noticed, and its rest when "
                                       "it has ended")));

  AudioMicrophone(const Params& params, Resources& resources);
  State begin(const In& in) const;
  bool next(State& state, Emit<Out>& emit) const;

 private:
  AudioOpener opener_;
  LiveAudioOptions options_;
  std::shared_ptr<SoundAccount> account_;
};

}  // namespace millrace
