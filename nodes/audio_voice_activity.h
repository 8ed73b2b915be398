#pragma once
#include <memory>
#include <optional>

#include "graph/contract.h"
#include "nodes/speech_detector.h"
#include "preprocess/speech_cutter.h"

namespace millrace {

//   speech: {type: audio.voice_activity, inputs: {clip: audio.clip}, threshold: 0.5}
struct AudioVoiceActivity {
  enum class Method { silero, energy, none };
  struct Params {
    Method method = Method::silero;
    double threshold = 0.5;
    std::optional<double> neg_threshold = {};
    double min_speech_duration_ms = 0;
    std::optional<double> max_speech_duration_s = {};
    double min_silence_duration_ms = 2000;
    double speech_pad_ms = 400;
  };
  struct In {
    Ref<AudioClip> clip;
  };
  struct Out {
    AudioClip clip;
  };
  struct State {
    std::unique_ptr<SpeechCutter> cutter;  // null where everything passes
  };

  static constexpr std::string_view kMethods[] = {"silero", "energy", "none"};
  static constexpr auto contract = make_contract(
      {.type = "audio.voice_activity",
       .help = "Lets only speech through; its time in the recording is kept."},
      params(
          choice<&Params::method>("method", kMethods,
                                  "the Silero network, loudness alone, or everything passes"),
          param<&Params::threshold>("threshold", "speech begins at this probability", {.min = 0, .max = 1}),
          param<&Params::neg_threshold>("neg_threshold",
                                        "and may end below this one; threshold - 0.15 unless given",
                                        {.min = 0, .max = 1}),
          param<&Params::min_speech_duration_ms>("min_speech_duration_ms", "shorter speech is dropped",
                                                 {.min = 0, .max = 1e6, .unit = "ms"}),
          param<&Params::max_speech_duration_s>("max_speech_duration_s",
                                                "longer speech is cut at a silence; no limit unless given",
                                                {.min = 0.1, .max = 1e6, .unit = "s"}),
          param<&Params::min_silence_duration_ms>("min_silence_duration_ms",
                                                  "shorter silence does not end speech",
                                                  {.min = 0, .max = 1e6, .unit = "ms"}),
          param<&Params::speech_pad_ms>("speech_pad_ms", "kept around speech",
                                        {.min = 0, .max = 1e5, .unit = "ms"})),
      inputs(port<&In::clip>("clip", "mono sound of 16 kHz, block by block")),
      outputs(port<&Out::clip>("clip", "speech, in the order of the recording")));

  AudioVoiceActivity(const Params& params, Resources& resources);
  State begin() const;
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State& state, Emit<Out>& emit) const;

 private:
  VoiceActivityOptions options_;
  std::optional<SpeechDetector> detector_;  // none: everything passes
};

}  // namespace millrace
