#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/loaded_model.h"
#include "graph/contract.h"
#include "nodes/image_packets.h"

namespace millrace {

//   labels: {type: image.classify, inputs: {pixels: pixels.pixels}, model: $model, top_k: 5, batch: 8}
struct ImageClassify {
  struct Params {
    std::string model;
    int64_t top_k = 5;
  };
  struct In {
    Ref<PixelValues> pixels;
  };
  struct Out {
    Predictions predictions;
  };

  static constexpr auto contract = make_contract(
      {.type = "image.classify", .help = "What is on a picture: a model's labels with their scores."},
      params(param<&Params::model>("model", "that classifies pictures", {.required = true, .model = true}),
             param<&Params::top_k>("top_k", "labels that are told of, the likeliest first",
                                   {.min = 1, .max = 100000})),
      inputs(port<&In::pixels>("pixels", "[channels, height, width]")),
      outputs(port<&Out::predictions>("predictions", "labels and scores")));

  ImageClassify(const Params& params, Resources& resources);
  Out operator()(const In& in) const;
  std::vector<Out> operator()(std::span<const In> batch) const;

 private:
  std::shared_ptr<const LoadedModel> model_;
  int64_t top_k_;
};

}  // namespace millrace
