#pragma once
#include <map>
#include <string>

#include "encoders/smoothed_scores.h"
#include "graph/contract.h"
#include "nodes/image_packets.h"

namespace millrace {

//   smooth:
//     type: image.smooth
//     inputs: {image: newest.image, predictions: labels.predictions}
//     seconds: 0.5
struct ImageSmooth {
  struct Params {
    double seconds = 0;
    int64_t top_k = 5;
  };
  struct In {
    Ref<Image> image;
    Ref<Predictions> predictions;
  };
  struct Out {
    Ref<Image> image;
    Predictions predictions;
  };
  struct State {
    SmoothedScores scores;
    std::map<int64_t, std::string> labels;
  };

  static constexpr auto contract = make_contract(
      {.type = "image.smooth",
       .help =
           "Labels' scores averaged over a film's or camera's last pictures, so that they do not flicker."},
      params(param<&Params::seconds>("seconds", "after which a picture weighs 1/e; 0: no smoothing",
                                     {.min = 0, .max = 3600, .unit = "s"}),
             param<&Params::top_k>("top_k", "labels that are told of, the likeliest first",
                                   {.min = 1, .max = 100000})),
      inputs(port<&In::image>("image", "which has the time"),
             port<&In::predictions>("predictions", "of all labels, or of those that may matter")),
      outputs(port<&Out::image>("image", "the same"), port<&Out::predictions>("predictions", "smoothed")));

  ImageSmooth(const Params& params, Resources&) : params_(params) {}
  State begin() const { return {.scores = SmoothedScores(params_.seconds), .labels = {}}; }
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State&, Emit<Out>&) const {}

 private:
  Params params_;
};

}  // namespace millrace
