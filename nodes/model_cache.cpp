#include "nodes/model_cache.h"

namespace millrace {

std::shared_ptr<const LoadedModel> ModelCache::get(const std::string& name_or_path) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<const LoadedModel>& model = models_[name_or_path];
  if (!model)
    model = std::make_shared<const LoadedModel>(
        load_model(store_.resolve(name_or_path, options_.pull).string(), options_.load));
  return model;
}

void ModelCache::add(const std::string& name, std::shared_ptr<const LoadedModel> model) {
  const std::lock_guard lock(mutex_);
  models_[name] = std::move(model);
}

}  // namespace millrace
