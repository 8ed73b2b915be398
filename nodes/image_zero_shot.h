#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/loaded_model.h"
#include "graph/contract.h"
#include "nodes/image_packets.h"

namespace millrace {

//   labels: {type: image.zero_shot, inputs: {pixels: pixels.pixels}, model: $model, labels: [cat, dog],
//   batch: 8}
struct ImageZeroShot {
  struct Params {
    std::string model;
    std::vector<std::string> labels;
    std::string labels_file;
    std::string prompt = "a photo of a {}";
    int64_t top_k = 5;
  };
  struct In {
    Ref<PixelValues> pixels;
  };
  struct Out {
    Predictions predictions;
  };

  static constexpr auto contract = make_contract(
      {.type = "image.zero_shot",
       .help = "Which of the given labels fit a picture: with a model that compares pictures with texts."},
      params(param<&Params::model>("model", "of pictures and texts, such as CLIP or SigLIP",
                                   {.required = true, .model = true}),
             param<&Params::labels>("labels", "what may be on the pictures"),
             param<&Params::labels_file>("labels_file", "a file with more of them, one a line"),
             param<&Params::prompt>("prompt", "the text that a label becomes part of, at its {}"),
             param<&Params::top_k>("top_k", "labels that are told of, the likeliest first",
                                   {.min = 1, .max = 100000})),
      inputs(port<&In::pixels>("pixels", "[channels, height, width]")),
      outputs(port<&Out::predictions>("predictions", "labels and scores")));

  // Embeds the labels, once for all pictures.
  ImageZeroShot(const Params& params, Resources& resources);
  Out operator()(const In& in) const;
  std::vector<Out> operator()(std::span<const In> batch) const;

 private:
  std::shared_ptr<const LoadedModel> model_;
  LabelSet labels_;
  Tensor text_embeds_;  // [labels, n]
  int64_t top_k_;
};

}  // namespace millrace
