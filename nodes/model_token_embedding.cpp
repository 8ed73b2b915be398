#include "nodes/model_token_embedding.h"

#include "nodes/model_cache.h"

namespace millrace {

ModelTokenEmbedding::ModelTokenEmbedding(const Params& params, Resources& resources)
    : model_(resources.get<ModelCache>().get(params.model)) {
  if (!model_->text_decoder) fail_at(ErrorKind::model, model_->methods->source(), "has no text decoder");
}

}  // namespace millrace
