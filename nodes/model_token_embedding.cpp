#include "nodes/model_token_embedding.h"

#include "nodes/model_cache.h"

namespace millrace {

ModelTokenEmbedding::ModelTokenEmbedding(const Params& params, Resources& resources)
    : prefiller_(resources.get<ModelCache>().get(params.model)) {
  const LoadedModel& model = prefiller_.model();
  if (!model.text_decoder) fail_at(ErrorKind::model, model.methods->source(), "has no text decoder");
}

}  // namespace millrace
