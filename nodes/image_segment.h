#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/loaded_model.h"
#include "graph/contract.h"
#include "nodes/image_packets.h"

namespace millrace {

//   segments: {type: image.segment, inputs: {pixels: pixels.pixels, image: image.image}, model: $model}
struct ImageSegment {
  struct Params {
    std::string model;
    bool do_upsample = true;
    bool do_argmax = true;
  };
  struct In {
    Ref<PixelValues> pixels;
    Ref<Image> image;
  };
  struct Out {
    Segmentation segments;
  };

  static constexpr auto contract = make_contract(
      {.type = "image.segment", .help = "What each pixel of a picture shows: a map of a model's labels."},
      params(
          param<&Params::model>("model", "that labels pixels", {.required = true, .model = true}),
          param<&Params::do_upsample>(
              "do_upsample",
              "logits are brought to the picture's own size; otherwise the map is as coarse as the model's"),
          param<&Params::do_argmax>("do_argmax",
                                    "each pixel gets its likeliest label; otherwise all logits go out")),
      inputs(port<&In::pixels>("pixels", "[channels, height, width]"),
             port<&In::image>("image", "the picture that they were made from")),
      outputs(port<&Out::segments>("segments", "a label for each pixel, and the labels' shares")));

  ImageSegment(const Params& params, Resources& resources);
  Out operator()(const In& in) const;
  std::vector<Out> operator()(std::span<const In> batch) const;

 private:
  Segmentation segmentation_of(const Tensor& logits, const Image& image) const;

  std::shared_ptr<const LoadedModel> model_;
  bool upsample_, argmax_;
};

}  // namespace millrace
