#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/loaded_model.h"
#include "graph/contract.h"
#include "nodes/image_packets.h"

namespace millrace {

//   objects: {type: image.detect, inputs: {pixels: pixels.pixels, image: image.image}, model: $model}
struct ImageDetect {
  struct Params {
    std::string model;
    double threshold = 0.9;
  };
  struct In {
    Ref<PixelValues> pixels;
    Ref<Image> image;
  };
  struct Out {
    Detections objects;
  };

  static constexpr auto contract = make_contract(
      {.type = "image.detect",
       .help = "Where on a picture things are, and what they are: boxes with a model's labels."},
      params(param<&Params::model>("model", "that detects objects", {.required = true, .model = true}),
             param<&Params::threshold>("threshold", "objects with a larger score are told of",
                                       {.min = 0, .max = 1})),
      inputs(port<&In::pixels>("pixels", "[channels, height, width]"),
             port<&In::image>("image", "the picture that they were made from")),
      outputs(port<&Out::objects>("objects", "boxes with labels and scores, the likeliest first")));

  ImageDetect(const Params& params, Resources& resources);
  Out operator()(const In& in) const;
  std::vector<Out> operator()(std::span<const In> batch) const;

 private:
  Detections detections_of(const NamedTensors& results, const Image& image) const;

  std::shared_ptr<const LoadedModel> model_;
  float threshold_;
};

}  // namespace millrace
