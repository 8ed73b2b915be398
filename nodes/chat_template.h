#pragma once
#include <string>

#include "backends/chat_prompt.h"
#include "graph/contract.h"
#include "nodes/media_packets.h"

namespace millrace {

// Whether a text is a conversation, and not what a user says: JSON, a list of messages or an object that has
// them.
bool holds_messages(const std::string& text);

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
    MediaFiles pictures = {};
  };

  static constexpr auto contract = make_contract(
      {.type = "chat.template",
       .help = "Makes the text that the model is given out of a conversation, as its chat template says."},
      params(param<&Params::model>("model", "with a chat template", {.required = true, .model = true}),
             param<&Params::system>("system", "a system message to put before conversations without one")),
      inputs(port<&In::conversation>(
          "conversation",
          "what the user says; or JSON: a list of messages as OpenAI's API has them, or an object with "
          "messages, tools and the like")),
      outputs(port<&Out::prompt>("prompt", "the rendered text, with a marker for each picture"),
              port<&Out::pictures>("pictures", "those of the conversation, in their order")));

  ChatTemplateNode(const Params& params, Resources& resources);
  Out operator()(const In& in) const;

 private:
  std::string system_;
  ChatPromptWriter writer_;
};

}  // namespace millrace
