#pragma once
#include "graph/contract.h"
#include "nodes/image_packets.h"

namespace millrace {

//   picture: {type: image.draw, inputs: {image: image.image, segments: segments.segments}}
struct ImageDraw {
  struct Params {
    double opacity = 0.6;
    bool legend = true;
  };
  struct In {
    Ref<Image> image;
    Ref<Segmentation> segments;
    Ref<Detections> objects;
  };
  struct Out {
    Image image;
  };

  static constexpr auto contract = make_contract(
      {.type = "image.draw", .help = "Draws over a picture what was found in it."},
      params(param<&Params::opacity>("opacity", "of the segments' colours", {.min = 0, .max = 1}),
             param<&Params::legend>("legend", "the segments' labels are named below the picture")),
      inputs(port<&In::image>("image", "the picture"),
             optional_port<&In::segments>("segments", "blended over it, each label in its colour"),
             optional_port<&In::objects>("objects", "boxes around them, with their labels and scores")),
      outputs(port<&Out::image>("image", "the picture with what was found")));

  ImageDraw(const Params& params, Resources&) : params_(params) {}
  Out operator()(const In& in) const;

 private:
  Params params_;
};

}  // namespace millrace
