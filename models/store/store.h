#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/catalogue.h"
#include "models/store/pull_progress.h"
#include "models/store/store_options.h"

namespace millrace {

// One model on this machine.
struct StoredModel {
  std::string name;      // as on the Hub
  std::string revision;  // the Hub's commit, or the mirror's revision
  std::filesystem::path folder;
  std::string format;  // "safetensors", "ctranslate2", …; "" when weights are missing
  uint64_t bytes = 0;  // of the files in the folder
  bool from_mirror = false;
};

// What a model's files say of it.
struct ModelDetails {
  StoredModel model;
  std::vector<std::pair<std::string, uint64_t>> files;  // path, bytes; sorted
  std::string architecture;              // "WhisperForConditionalGeneration", "WhisperSpec", or ""
  std::string license;                   // of the model card or the catalogue, or ""
  int64_t parameters = 0;                // shared tensors count once; 0: cannot be read here
  std::map<std::string, int64_t> types;  // type of the weights -> parameters of that type
};

// The models on this machine, and how more get here: the Hugging Face cache, which other programs share, the
// Hub, and the catalogue's mirrors with a cache of Millrace's own.
class ModelStore {
 public:
  explicit ModelStore(StoreOptions options = StoreOptions::from_environment(),
                      const Catalogue& catalogue = Catalogue::embedded());

  // The folder (or file) of a model: `name_or_path` itself if it is there, else the cached model of that
  // name, else what pull() brings. Says once in a process, by the log, when a mirror serves and which weights
  // it has. Error(model) when there is no such file or model, with the nearest name; Error(io) when it cannot
  // be brought.
  std::filesystem::path resolve(const std::string& name_or_path, const PullOptions& pull = {}) const;

  // Brings the model up to date from the Hub and, where that cannot be reached, from its mirror. Offline,
  // what is cached will do.
  std::filesystem::path pull(const std::string& name, const PullOptions& pull = {}) const;

  std::vector<StoredModel> list() const;                     // both caches, by name
  ModelDetails show(const std::string& name_or_path) const;  // of what is here already; Error(model) else
  uint64_t remove(
      const std::string& name) const;  // from both caches; bytes that came free. Error(model) if not here

  const StoreOptions& options() const { return options_; }

 private:
  std::vector<StoredModel> cached(const std::string& name) const;
  [[noreturn]] void refuse_unknown(const std::string& name, std::string_view what_to_do) const;

  StoreOptions options_;
  const Catalogue& catalogue_;
};

}  // namespace millrace
