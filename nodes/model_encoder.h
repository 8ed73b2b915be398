#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/loaded_model.h"
#include "graph/contract.h"
#include "nodes/packets.h"

namespace millrace {

//   encoded: {type: model.encoder, inputs: {features: features.mel}, model: $model, batch: 8}
struct ModelEncoder {
  struct Params {
    std::string model;
  };
  struct In {
    Ref<LogMelFrames> features;
  };
  struct Out {
    EncoderStates states;
  };

  static constexpr auto contract = make_contract(
      {.type = "model.encoder", .help = "Runs a model's encoder: what it hears, for the decoder to look at."},
      params(param<&Params::model>("model", "with a method `encoder`", {.required = true, .model = true})),
      inputs(port<&In::features>("features", "[bands, frames]")),
      outputs(port<&Out::states>("states", "[positions, width]")));

  ModelEncoder(const Params& params, Resources& resources);
  Out operator()(const In& in) const;
  std::vector<Out> operator()(std::span<const In> batch) const;

 private:
  std::shared_ptr<const LoadedModel> model_;
};

}  // namespace millrace
