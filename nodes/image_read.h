#pragma once
#include <memory>
#include <string>

#include "graph/contract.h"
#include "nodes/image_packets.h"
#include "preprocess/film_reader.h"

namespace millrace {

//   image: {type: image.read, inputs: {path: $input}}
struct ImageRead {
  struct Params {
    double every = 0;
  };
  struct In {
    Ref<std::string> path;
  };
  struct Out {
    Image image;
  };
  struct State {
    std::string path;
    std::unique_ptr<FilmReader> film;  // null for a picture
  };

  static constexpr auto contract = make_contract(
      {.type = "image.read",
       .help = "A picture's file, or a film's pictures one by one, as red, green and blue, the right way up.",
       .blocking = true},
      params(param<&Params::every>("every", "of films: a picture for every so many; 0: all of them",
                                   {.min = 0, .max = 86400, .unit = "s"})),
      inputs(port<&In::path>(
          "path", "JPEG, PNG, WebP, BMP, TIFF or GIF; or AVI, MP4, Matroska, WebM and other films")),
      outputs(port<&Out::image>("image", "[height, width, 3] of 8 bits")));

  ImageRead(const Params& params, Resources&) : every_(params.every) {}
  State begin(const In& in) const;
  bool next(State& state, Emit<Out>& emit) const;

 private:
  double every_;
};

}  // namespace millrace
