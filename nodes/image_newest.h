#pragma once
#include "graph/contract.h"
#include "nodes/image_packets.h"

namespace millrace {

// Of live pictures, the newest alone is worth a model's time. This lets one through, and the next only when
// what became of it has come back: what came meanwhile is dropped by its queue.
//
//   newest:
//     type: image.newest
//     inputs: {image: camera.image}
//     feedback: {done: picture.image}
//     queue: 1
//     policy: drop_oldest
struct ImageNewest {
  struct Params {};
  struct In {
    Ref<Image> image;
    Ref<Image> done;
  };
  struct Out {
    Ref<Image> image;
  };
  struct State {};

  static constexpr auto contract = make_contract(
      {.type = "image.newest", .help = "One live picture at a time: the next when work on the last is done."},
      params(),
      inputs(port<&In::image>("image", "live pictures"),
             feedback_port<&In::done>("done", "what was made of the one let through")),
      outputs(port<&Out::image>("image", "the one to work on")));

  ImageNewest(const Params&, Resources&) {}
  State begin() const { return {}; }
  void operator()(State&, const In& in, Emit<Out>& emit) const {
    if (in.image) emit({.image = in.image});
  }
  void flush(State&, Emit<Out>&) const {}
};

}  // namespace millrace
