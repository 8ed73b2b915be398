#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "models/checkpoint.h"
#include "models/store/hub_cache.h"
#include "models/store/model_folder.h"
#include "models/store/store.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

std::vector<std::pair<std::string, uint64_t>> files_in(const fs::path& folder) {
  std::vector<std::pair<std::string, uint64_t>> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code none;
    if (fs::is_regular_file(it->path(), none))
      files.emplace_back(it->path().lexically_relative(folder).string(), fs::file_size(it->path(), none));
  }
  std::sort(files.begin(), files.end());
  return files;
}

// `license:` of the model card's front matter, the YAML between two lines "---" at its beginning.
std::string license_in(const fs::path& card) {
  std::error_code none;
  if (!fs::is_regular_file(card, none)) return {};
  try {
    const std::string text = read_text(card, ErrorKind::model, limits::kPipelineBytes);
    const size_t end = text.find("\n---", 3);
    if (!text.starts_with("---\n") || end == text.npos) return {};
    const YAML::Node license = YAML::Load(text.substr(4, end - 4))["license"];
    return license.IsDefined() && license.IsScalar() ? license.as<std::string>() : "";
  } catch (const std::exception&) {
    return {};  // a card is prose; nothing depends on it
  }
}

std::string architecture_in(const fs::path& config) {
  std::error_code none;
  if (!fs::is_regular_file(config, none)) return {};
  const auto document = read_json(config, ErrorKind::model, limits::kConfigBytes);
  if (!document.is_object()) return {};
  const auto found = document.find("architectures");
  if (found == document.end() || !found->is_array() || found->empty() || !found->front().is_string())
    return {};
  return found->front().get<std::string>();
}

void count_parameters(const Checkpoint& checkpoint, ModelDetails& details) {
  std::set<const std::byte*> seen;
  for (const std::string& name : checkpoint.names()) {
    const TensorInfo info = checkpoint.info(name);
    if (info.shape.empty() || !seen.insert(info.data).second) continue;
    const int64_t count = element_count(info.shape);
    details.parameters += count;
    details.types[info.type] += count;
  }
}

}  // namespace

ModelDetails ModelStore::show(const std::string& name_or_path) const {
  ModelDetails details;
  std::error_code none;
  if (const std::vector<StoredModel> models = cached(name_or_path); !models.empty()) {
    const auto current = HubCache(options_.hub_cache).snapshot(name_or_path, options_.revision);
    const auto usual = std::find_if(models.begin(), models.end(),
                                    [&](const auto& model) { return model.folder == current; });
    details.model = usual == models.end() ? models.back() : *usual;
  } else if (fs::exists(name_or_path, none)) {
    details.model.name = name_or_path;
    details.model.folder = name_or_path;
    details.model.format = weights_format(name_or_path);
  } else {
    refuse_unknown(name_or_path, "'millrace models list' says what is");
  }
  const fs::path& folder = details.model.folder;
  if (fs::is_directory(folder, none)) {
    details.files = files_in(folder);
  } else {
    details.files = {{folder.filename().string(), fs::file_size(folder, none)}};
  }
  details.model.bytes = 0;
  for (const auto& [file, bytes] : details.files) details.model.bytes += bytes;
  details.architecture = architecture_in(folder / "config.json");
  details.license = license_in(folder / "README.md");
  if (const CatalogueEntry* entry = catalogue_.find(details.model.name);
      entry != nullptr && details.license.empty())
    details.license = entry->license;
  const bool is_file = !fs::is_directory(folder, none);
  if (is_file || details.model.format == "safetensors" || details.model.format == "ctranslate2") {
    const auto checkpoint = open_checkpoint(folder);
    details.model.format = checkpoint->format();
    count_parameters(*checkpoint, details);
    const auto spec = checkpoint->metadata().find("spec");
    if (details.architecture.empty() && spec != checkpoint->metadata().end())
      details.architecture = spec->second;
  }
  return details;
}

}  // namespace millrace
