#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "backends/loaded_model.h"
#include "base/cancel.h"
#include "models/store/store.h"

namespace millrace {

// The loaded models of a program: nodes that name the same model share it. Thread-safe.
class ModelCache {
 public:
  struct Options {
    LoadOptions load;
    PullOptions pull;  // for what is not on this machine yet
  };
  explicit ModelCache(Options options = {}) : options_(std::move(options)) {}

  // The model of that name or path, loaded at the first call. Error(model) or Error(io) when it can't be.
  std::shared_ptr<const LoadedModel> get(const std::string& name_or_path);
  // Gives a model that the program has made itself a name.
  void add(const std::string& name, std::shared_ptr<const LoadedModel> model);

 private:
  Options options_;
  ModelStore store_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const LoadedModel>> models_;
};

}  // namespace millrace
