#pragma once
#include <memory>
#include <string>

#include "backends/loaded_model.h"
#include "graph/contract.h"

namespace millrace {

//   prompt: {type: chat.template, inputs: {conversation: $input}, model: $model}
struct ChatTemplateNode {
  struct Params {
    std::string model;
    std::string system;
  };
  struct In {
    Ref<std::string> conversation;
  };
  struct Out {
    std::string prompt;
  };

  static constexpr auto contract = make_contract(
      {.type = "chat.template",
       .help = "Makes the text that the model is given out of a conversation, as its chat template says."},
      params(param<&Params::model>("model", "with a chat template", {.required = true, .model = true}),
             param<&Params::system>("system", "a system message to put before conversations without one")),
      inputs(port<&In::conversation>(
          "conversation",
          "what the user says; or JSON: a list of messages, or an object with messages, tools and the like")),
      outputs(port<&Out::prompt>("prompt", "the rendered text")));

  ChatTemplateNode(const Params& params, Resources& resources);
  Out operator()(const In& in) const;

 private:
  std::string system_;
  std::shared_ptr<const LoadedModel> model_;
};

}  // namespace millrace
