#pragma once
#include <string>

#include "graph/contract.h"
#include "nodes/image_packets.h"
#include "nodes/packets.h"
#include "nodes/text_packets.h"

namespace millrace {

//   says: {type: text.compose, inputs: {predictions: labels.predictions}, text: "It shows {predictions}."}
struct TextCompose {
  struct Params {
    std::string text;
    std::string system;
  };
  struct In {
    Ref<Transcript> transcript = nullptr;
    Ref<Predictions> predictions = nullptr;
    Ref<Detections> detections = nullptr;
    Ref<Completion> completion = nullptr;
  };
  struct Out {
    std::string text;
    std::string conversation;
  };

  static constexpr auto contract = make_contract(
      {.type = "text.compose",
       .help = "Puts what other nodes found into words: a text in which {NAME} stands for the input of that "
               "name, and {model} for the model that a completion is of."},
      params(param<&Params::text>("text", "with the names in braces", {.required = true}),
             param<&Params::system>("system", "what a language model is told before it")),
      inputs(
          optional_port<&In::transcript>("transcript", "what was said; nothing is an error"),
          optional_port<&In::predictions>("predictions", "labels with their scores: cat (97 %) or dog (2 %)"),
          optional_port<&In::detections>("detections", "objects with their scores and boxes"),
          optional_port<&In::completion>("completion", "what a language model wrote")),
      outputs(port<&Out::text>("text", "the text"),
              port<&Out::conversation>("conversation",
                                       "the text as a user's message, as chat.template takes it")));

  TextCompose(const Params& params, Resources&) : params_(params) {}
  Out operator()(const In& in) const;

 private:
  Params params_;
};

}  // namespace millrace
