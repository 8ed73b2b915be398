#pragma once
#include <string>

#include "graph/contract.h"
#include "nodes/image_packets.h"

namespace millrace {

//   image: {type: image.read, inputs: {path: $input}}
struct ImageRead {
  struct Params {};
  struct In {
    Ref<std::string> path;
  };
  struct Out {
    Image image;
  };

  static constexpr auto contract =
      make_contract({.type = "image.read",
                     .help = "A picture's file as red, green and blue, the right way up.",
                     .blocking = true},
                    params(), inputs(port<&In::path>("path", "JPEG, PNG, WebP, BMP or TIFF")),
                    outputs(port<&Out::image>("image", "[height, width, 3] of 8 bits")));

  ImageRead(const Params&, Resources&) {}
  Out operator()(const In& in) const;
};

}  // namespace millrace
