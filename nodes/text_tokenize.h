#pragma once
#include <memory>
#include <string>

#include "graph/contract.h"
#include "nodes/media_packets.h"
#include "nodes/text_packets.h"

namespace millrace {

//   tokens: {type: text.tokenize, inputs: {text: prompt.prompt}, model: $model, special_tokens: false}
// or, of a conversation with pictures, inputs: {text: prompt.prompt, pictures: pictures.pictures}
struct TextTokenize {
  struct Params {
    std::string model;
    bool special_tokens = true;
  };
  struct In {
    Ref<std::string> text;
    Ref<EncodedPictures> pictures = nullptr;
  };
  struct Out {
    TokenIds tokens;
  };

  static constexpr auto contract = make_contract(
      {.type = "text.tokenize",
       .help = "Text to the token ids of a model, with places for the pictures that stand in it."},
      params(param<&Params::model>("model", "with a tokenizer", {.required = true, .model = true}),
             param<&Params::special_tokens>(
                 "special_tokens",
                 "adds what the tokenizer adds to a text, such as a token for its begin; a "
                 "chat template has it already")),
      inputs(port<&In::text>("text", "any text"),
             optional_port<&In::pictures>("pictures", "that markers in the text stand for")),
      outputs(port<&Out::tokens>("tokens", "its ids")));

  TextTokenize(const Params& params, Resources& resources);
  Out operator()(const In& in) const;

 private:
  bool special_;
  std::shared_ptr<const LoadedModel> model_;
  TextPrefiller prefiller_;
};

}  // namespace millrace
