#pragma once
#include <memory>
#include <string>

#include "backends/loaded_model.h"
#include "graph/contract.h"
#include "nodes/text_packets.h"

namespace millrace {

//   tokens: {type: text.tokenize, inputs: {text: prompt.prompt}, model: $model, special_tokens: false}
struct TextTokenize {
  struct Params {
    std::string model;
    bool special_tokens = true;
  };
  struct In {
    Ref<std::string> text;
  };
  struct Out {
    TokenIds tokens;
  };

  static constexpr auto contract = make_contract(
      {.type = "text.tokenize", .help = "Text to the token ids of a model."},
      params(param<&Params::model>("model", "with a tokenizer", {.required = true, .model = true}),
             param<&Params::special_tokens>(
                 "special_tokens",
                 "adds what the tokenizer adds to a text, such as a token for its begin; a "
                 "chat template has it already")),
      inputs(port<&In::text>("text", "any text")), outputs(port<&Out::tokens>("tokens", "its ids")));

  TextTokenize(const Params& params, Resources& resources);
  Out operator()(const In& in) const { return {.tokens = {model_->tokenizer->encode(*in.text, special_)}}; }

 private:
  bool special_;
  std::shared_ptr<const LoadedModel> model_;
};

}  // namespace millrace
