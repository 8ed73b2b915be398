#pragma once
#include <memory>
#include <string>

#include "backends/loaded_model.h"
#include "graph/contract.h"
#include "nodes/dialogue.h"
#include "nodes/talk_packets.h"
#include "nodes/text_packets.h"

namespace millrace {

//   talk: {type: talk.converse, inputs: {heard: heard.heard}, feedback: {answer: text.completion}, model:
//   $model}
struct TalkConverse {
  struct Params {
    std::string model;
    std::string system;
    int64_t answer_tokens = 256;
    int64_t context_length = 0;
  };
  struct In {
    Ref<Heard> heard;
    Ref<Completion> answer;
  };
  struct Out {
    std::string conversation;
    Turn turn;
  };
  struct State {
    Dialogue dialogue;
    std::string said;  // and not answered yet
  };

  static constexpr auto contract = make_contract(
      {.type = "talk.converse",
       .help =
           "Keeps a conversation: what was said, and of each answer what was given of it. Asks for an answer "
           "to "
           "every utterance that no newer one has cancelled; the oldest turns are forgotten when the model's "
           "context is full."},
      params(param<&Params::model>("model", "with a chat template", {.required = true, .model = true}),
             param<&Params::system>("system", "what the model is told before the conversation"),
             param<&Params::answer_tokens>("answer_tokens", "room that is kept for an answer",
                                           {.min = 1, .max = 1 << 24}),
             param<&Params::context_length>(
                 "context_length",
                 "tokens of conversation and answer at most, as text.decode has it; 0: "
                 "what the model was made for",
                 {.min = 0, .max = 1 << 24})),
      inputs(port<&In::heard>("heard", "what was said"),
             feedback_port<&In::answer>("answer", "what was given of the answer, for every conversation")),
      outputs(port<&Out::conversation>("conversation", "its messages as JSON, as chat.template takes them"),
              port<&Out::turn>("turn", "that is to be answered")));

  TalkConverse(const Params& params, Resources& resources);
  State begin() const { return {Dialogue(system_), {}}; }
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State&, Emit<Out>&) const {}

 private:
  bool fits(const Dialogue& dialogue) const;

  std::shared_ptr<const LoadedModel> model_;
  std::string system_;
  int64_t most_tokens_;  // of a conversation without its answer
};

}  // namespace millrace
