#pragma once
#include <memory>
#include <string>

#include "backends/loaded_model.h"
#include "graph/contract.h"
#include "nodes/text_packets.h"

namespace millrace {

//   embedded: {type: model.token_embedding, inputs: {tokens: tokens.tokens}, model: $model}
struct ModelTokenEmbedding {
  struct Params {
    std::string model;
  };
  struct In {
    Ref<TokenIds> tokens;
  };
  struct Out {
    TokenEmbeddings embeddings;
  };

  static constexpr auto contract =
      make_contract({.type = "model.token_embedding",
                     .help = "Looks up the embeddings of tokens, as the decoder reads them."},
                    params(param<&Params::model>("model", "with a method `token_embedding`",
                                                 {.required = true, .model = true})),
                    inputs(port<&In::tokens>("tokens", "ids of the model's tokenizer")),
                    outputs(port<&Out::embeddings>("embeddings", "[tokens, width]")));

  ModelTokenEmbedding(const Params& params, Resources& resources);
  Out operator()(const In& in) const { return {.embeddings = {model_->text_decoder->embed(in.tokens->ids)}}; }

 private:
  std::shared_ptr<const LoadedModel> model_;
};

}  // namespace millrace
