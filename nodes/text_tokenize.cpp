#include "nodes/text_tokenize.h"

#include "nodes/model_cache.h"

namespace millrace {

TextTokenize::TextTokenize(const Params& params, Resources& resources)
    : special_(params.special_tokens), model_(resources.get<ModelCache>().get(params.model)) {
  if (!model_->tokenizer) fail_at(ErrorKind::model, model_->methods->source(), "has no tokenizer");
}

}  // namespace millrace
