#include "nodes/text_tokenize.h"

#include "nodes/model_cache.h"

namespace millrace {

TextTokenize::TextTokenize(const Params& params, Resources& resources)
    : special_(params.special_tokens),
      model_(resources.get<ModelCache>().get(params.model)),
      prefiller_(model_) {
  if (!model_->tokenizer) fail_at(ErrorKind::model, model_->methods->source(), "has no tokenizer");
}

TextTokenize::Out TextTokenize::operator()(const In& in) const {
  return {.tokens = {prefiller_.tokens(*in.text, media_of(in.pictures), special_)}};
}

}  // namespace millrace
