#include "models/store/store.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "base/error.h"
#include "base/log.h"
#include "base/path_status.h"
#include "base/suggest.h"
#include "models/store/file_lock.h"
#include "models/store/hub_cache.h"
#include "models/store/hub_pull.h"
#include "models/store/mirror_pull.h"
#include "models/store/model_folder.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code none;
  return fs::exists(path, none);
}

// Says once in a process, when something is fetched, that a mirror serves, which weights it has, and why.
void announce_mirror(const std::string& name, const Mirror& mirror, const std::string& why) {
  static std::mutex mutex;
  static std::set<std::string> announced;
  const std::lock_guard lock(mutex);
  if (!announced.insert(name).second) return;
  log::info("{} comes from its mirror, with the weights of {}; {}", name, mirror.weights, why);
}

// What a snapshot must hold so that the engine can read it.
bool is_usable(const fs::path& folder) {
  const std::string format = weights_format(folder);
  return !format.empty() && format != "pytorch";
}

// " (did you mean 'openai/whisper-base'?)": a name may be misspelt, or lack its owner.
std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
  for (const std::string& one : known)
    if (one.ends_with("/" + name)) return fmt::format(" (did you mean '{}'?)", one);
  return did_you_mean(name, known);
}

bool looks_like_path(const std::string& text) {
  return text.starts_with('/') || text.starts_with('.') || text.starts_with('~') || text.ends_with('/');
}

}  // namespace

ModelStore::ModelStore(StoreOptions options, const Catalogue& catalogue)
    : options_(std::move(options)), catalogue_(catalogue) {}

fs::path ModelStore::resolve(const std::string& name_or_path, const PullOptions& pull_options) const {
  if (name_or_path.empty()) fail(ErrorKind::usage, "the name of a model is missing");
  if (looks_like_path(name_or_path) ? path_exists(name_or_path) : is_there(name_or_path)) return name_or_path;
  if (looks_like_path(name_or_path) || !is_hub_name(name_or_path))
    fail(ErrorKind::model,
         "'{}' is neither a file or folder that is here nor the name of a model (like openai/whisper-base)",
         name_or_path);
  const auto snapshot = HubCache(options_.hub_cache).snapshot(name_or_path, options_.revision);
  if (snapshot && is_usable(*snapshot)) return *snapshot;
  const CatalogueEntry* entry = catalogue_.find(name_or_path);
  if (entry != nullptr && entry->mirror) {
    const fs::path folder = mirror_folder(options_, entry->name, *entry->mirror);
    if (is_there(folder)) return folder;
  }
  return pull(name_or_path, pull_options);
}

fs::path ModelStore::pull(const std::string& name, const PullOptions& pull_options) const {
  if (!is_hub_name(name))
    fail(ErrorKind::model, "'{}' is no name of a model; names look like openai/whisper-base", name);
  const CatalogueEntry* entry = catalogue_.find(name);
  std::string reason = "HF_HUB_OFFLINE is set";
  if (!options_.offline) {
    try {
      return pull_from_hub(name, options_, pull_options);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted) throw;
      if (entry == nullptr || !entry->mirror) {
        std::vector<std::string> known;
        for (const CatalogueEntry& one : catalogue_.entries()) known.push_back(one.name);
        throw Error(error.kind(), error.message() + (entry == nullptr ? suggestion(name, known) : ""),
                    error.where());
      }
      reason = error.message();
    }
  }
  const auto snapshot = HubCache(options_.hub_cache).snapshot(name, options_.revision);
  if (options_.offline && snapshot && is_usable(*snapshot)) return *snapshot;
  if (entry == nullptr || !entry->mirror)
    refuse_unknown(name, "HF_HUB_OFFLINE forbids asking the Hub for it");
  try {
    announce_mirror(name, *entry->mirror, reason);
    return pull_from_mirror(name, *entry->mirror, options_, pull_options);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted) throw;
    fail(error.kind(), "'{}' can be had neither from the Hub ({}) nor from its mirror: {}", name, reason,
         error.what());
  }
}

std::vector<StoredModel> ModelStore::list() const {
  std::vector<StoredModel> models;
  const HubCache hub(options_.hub_cache);
  for (const std::string& name : hub.names())
    for (const std::string& commit : hub.commits(name)) {
      const fs::path folder = hub.snapshot_of_commit(name, commit);
      models.push_back({name, commit, folder, weights_format(folder), bytes_below(folder), false});
    }
  std::error_code error;
  for (fs::directory_iterator it(options_.own_cache / "models", error), end; !error && it != end;
       it.increment(error)) {
    std::error_code none;
    for (fs::directory_iterator one(it->path(), none), last; !none && one != last; one.increment(none)) {
      const std::string revision = one->path().filename().string();
      if (revision.starts_with('.')) continue;
      models.push_back({hub_name(it->path().filename().string()), revision, one->path(),
                        weights_format(one->path()), bytes_below(one->path()), true});
    }
  }
  std::stable_sort(models.begin(), models.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  return models;
}

std::vector<StoredModel> ModelStore::cached(const std::string& name) const {
  std::vector<StoredModel> found = list();
  std::erase_if(found, [&](const StoredModel& model) { return model.name != name; });
  return found;
}

void ModelStore::refuse_unknown(const std::string& name, std::string_view what_to_do) const {
  std::vector<std::string> known;
  for (const StoredModel& model : list()) known.push_back(model.name);
  for (const CatalogueEntry& entry : catalogue_.entries()) known.push_back(entry.name);
  const bool well_spelt = std::ranges::count(known, name) > 0;
  fail(ErrorKind::model, "'{}' is not on this machine{}; {}", name, well_spelt ? "" : suggestion(name, known),
       what_to_do);
}

uint64_t ModelStore::remove(const std::string& name) const {
  const std::vector<StoredModel> models = cached(name);
  const HubCache hub(options_.hub_cache);
  const bool in_hub = is_hub_name(name) && is_there(hub.repository(name));
  if (models.empty() && !in_hub) refuse_unknown(name, "'millrace models list' says what is");
  uint64_t bytes = in_hub ? hub.remove(name) : 0;
  const fs::path own = options_.own_cache / "models" / folder_name(name);
  if (is_there(own)) {
    const FileLock lock(options_.own_cache / ".locks" / fmt::format("{}.lock", folder_name(name)));
    bytes += remove_folder(own);
  }
  return bytes;
}

}  // namespace millrace
