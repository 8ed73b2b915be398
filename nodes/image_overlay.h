#pragma once
#include <deque>
#include <memory>

#include "base/stream_clock.h"
#include "graph/contract.h"
#include "nodes/image_packets.h"

namespace millrace {

//   picture: {type: image.overlay, inputs: {image: smooth.image, predictions: smooth.predictions}}
struct ImageOverlay {
  struct Params {};
  struct In {
    Ref<Image> image;
    Ref<Predictions> predictions;
  };
  struct Out {
    Image image;
  };
  struct State {
    std::deque<double> times;  // of the last pictures
  };

  static constexpr auto contract = make_contract(
      {.type = "image.overlay",
       .help =
           "Draws over live pictures what is on them, how many there are a second, and how old they are."},
      params(),
      inputs(port<&In::image>("image", "live pictures, or a film's"),
             optional_port<&In::predictions>("predictions", "told with bars of their scores")),
      outputs(port<&Out::image>("image", "the picture with all that")));

  ImageOverlay(const Params&, Resources& resources);
  State begin() const { return {}; }
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State&, Emit<Out>&) const {}

 private:
  std::shared_ptr<StreamClock> clock_;
};

}  // namespace millrace
