#pragma once
#include <string>

#include "graph/contract.h"
#include "nodes/media_packets.h"
#include "nodes/text_packets.h"

namespace millrace {

//   embedded: {type: model.token_embedding, inputs: {tokens: tokens.tokens}, model: $model}
struct ModelTokenEmbedding {
  struct Params {
    std::string model;
  };
  struct In {
    Ref<TokenIds> tokens;
    Ref<EncodedPictures> pictures = nullptr;
  };
  struct Out {
    TokenEmbeddings embeddings;
  };

  static constexpr auto contract = make_contract(
      {.type = "model.token_embedding",
       .help = "Looks up the embeddings of tokens, as the decoder reads them; those of pictures take "
               "the places that the text has for them."},
      params(param<&Params::model>("model", "with a method `token_embedding`",
                                   {.required = true, .model = true})),
      inputs(port<&In::tokens>("tokens", "ids of the model's tokenizer"),
             optional_port<&In::pictures>("pictures", "in the order of their places")),
      outputs(port<&Out::embeddings>("embeddings", "[tokens, width]")));

  ModelTokenEmbedding(const Params& params, Resources& resources);
  Out operator()(const In& in) const {
    return {.embeddings = {prefiller_.prefill(in.tokens->ids, media_of(in.pictures))}};
  }

 private:
  TextPrefiller prefiller_;
};

}  // namespace millrace
