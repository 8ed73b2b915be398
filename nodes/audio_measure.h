#pragma once
#include <memory>
#include <string>

#include "graph/contract.h"
#include "nodes/packets.h"
#include "preprocess/log_mel.h"

namespace millrace {

//   measure: {type: audio.measure, inputs: {path: $input}, model: $model}
struct AudioMeasure {
  struct Params {
    std::string model;
  };
  struct In {
    Ref<std::string> path;
  };
  struct Out {
    RecordingMeasure measure;
  };

  static constexpr auto contract =
      make_contract({.type = "audio.measure",
                     .help = "Reads a recording once through: how loud it gets, and how long it is.",
                     .blocking = true},
                    params(param<&Params::model>("model", "whose log-mel features are measured",
                                                 {.required = true, .model = true})),
                    inputs(port<&In::path>(
                        "path", "a file of sound or video; what can be read only once stays unmeasured")),
                    outputs(port<&Out::measure>("measure", "loudest frame and duration")));

  AudioMeasure(const Params& params, Resources& resources);
  Out operator()(const In& in) const;

 private:
  std::shared_ptr<const LogMel> log_mel_;
  std::shared_ptr<const CancelToken> cancel_;
};

}  // namespace millrace
