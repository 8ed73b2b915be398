#pragma once
#include <memory>
#include <string>

#include "graph/contract.h"
#include "nodes/image_packets.h"
#include "preprocess/image_processor.h"

namespace millrace {

//   pixels: {type: image.preprocess, inputs: {image: image.image}, model: $model}
struct ImagePreprocess {
  struct Params {
    std::string model;
  };
  struct In {
    Ref<Image> image;
  };
  struct Out {
    PixelValues pixels;
  };

  static constexpr auto contract =
      make_contract({.type = "image.preprocess",
                     .help = "A picture resized, cropped and normalised as a model was trained on it."},
                    params(param<&Params::model>("model", "whose image processor it is",
                                                 {.required = true, .model = true})),
                    inputs(port<&In::image>("image", "of any size")),
                    outputs(port<&Out::pixels>("pixels", "[channels, height, width]")));

  ImagePreprocess(const Params& params, Resources& resources);
  Out operator()(const In& in) const;

 private:
  std::shared_ptr<const ImageProcessor> processor_;
};

}  // namespace millrace
