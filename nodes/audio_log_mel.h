#pragma once
#include <memory>
#include <string>

#include "graph/contract.h"
#include "nodes/packets.h"
#include "preprocess/log_mel.h"

namespace millrace {

//   features: {type: audio.log_mel, inputs: {clip: windows.clip, measure: measure.measure}, model: $model}
struct AudioLogMel {
  struct Params {
    std::string model;
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
      params(param<&Params::model>("model", "whose features they are", {.required = true, .model = true})),
      inputs(port<&In::clip>("clip", "mono sound, padded with silence to the model's length"),
             optional_port<&In::measure>("measure", "how loud the recording gets; without it, the clip")),
      outputs(port<&Out::mel>("mel", "[bands, frames]")));

  AudioLogMel(const Params& params, Resources& resources);
  Out operator()(const In& in) const;

 private:
  std::shared_ptr<const LogMel> log_mel_;
};

}  // namespace millrace
