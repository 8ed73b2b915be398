#include "nodes/model_vision_encoder.h"

#include "graph/trace_note.h"
#include "nodes/model_cache.h"

namespace millrace {

ModelVisionEncoder::ModelVisionEncoder(const Params& params, Resources& resources)
    : prefiller_(std::make_shared<ImagePrefiller>(resources.get<ModelCache>().get(params.model),
                                                  params.cache_mib << 20)) {}

ModelVisionEncoder::Out ModelVisionEncoder::operator()(const In& in) const {
  Out out;
  int64_t encoded = 0;
  for (const MediaFile& file : in.files->files) {
    auto result = prefiller_->prefill(file);
    encoded += result.encoded ? 1 : 0;
    out.pictures.pictures.push_back(std::move(result.picture));
  }
  note_in_trace("pictures", std::ssize(in.files->files));
  note_in_trace("encoded", encoded);
  return out;
}

}  // namespace millrace
