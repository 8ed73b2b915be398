#include "nodes/speech_features.h"

#include "nodes/model_cache.h"

namespace millrace {

std::shared_ptr<const LogMel> speech_features(const std::string& model, Resources& resources) {
  const auto loaded = resources.get<ModelCache>().get(model);
  if (!loaded->log_mel)
    fail_at(ErrorKind::model, loaded->methods->source(), "does not take log-mel features");
  return std::make_shared<const LogMel>(*loaded->log_mel);
}

}  // namespace millrace
