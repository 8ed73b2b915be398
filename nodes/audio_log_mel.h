#pragma once
#include <memory>
#include <optional>
#include <string>

#include "graph/contract.h"
#include "nodes/packets.h"
#include "preprocess/log_mel.h"

namespace millrace {

//   features: {type: audio.log_mel, inputs: {clip: windows.clip, measure: measure.measure}, model: $model}
struct AudioLogMel {
  struct Params {
    std::string model;
    std::optional<double> silence = {};
    double at_least = 0;
  };
  struct In {
    Ref<AudioClip> clip;
    Ref<RecordingMeasure> measure;
  };
  struct Out {
    LogMelFrames mel;
  };

  static constexpr auto contract = make_contract(
      {.type = "audio.log_mel", .help = "Sound to the log-mel spectrogram that a model was trained on."},
      params(param<&Params::model>("model", "whose features they are", {.required = true, .model = true}),
             param<&Params::silence>("silence",
                                     "after the sound, a spectrogram that is quicker to encode and a little "
                                     "less sure; null fills up to the model's length",
                                     {.min = 0.1, .max = 30, .unit = "s"}),
             param<&Params::at_least>("at_least", "with silence: no spectrogram of any sound is shorter",
                                      {.min = 0, .max = 30, .unit = "s"})),
      inputs(port<&In::clip>("clip", "mono sound, padded with silence to the model's length"),
             optional_port<&In::measure>("measure", "how loud the recording gets; without it, the clip")),
      outputs(port<&Out::mel>("mel", "[bands, frames]")));

  AudioLogMel(const Params& params, Resources& resources);
  Out operator()(const In& in) const;

 private:
  std::optional<int64_t> silence_after(const AudioClip& clip) const;

  std::shared_ptr<const LogMel> log_mel_;
  std::optional<int64_t> silence_;  // samples
  int64_t at_least_;
};

}  // namespace millrace
