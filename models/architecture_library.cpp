#include "models/architecture_library.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/embedded.h"
#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"
#include "base/suggest.h"

namespace millrace {
namespace {

constexpr std::string_view kShipped = "models/architectures/";

std::filesystem::path user_folder() {
  if (const char* folder = std::getenv("MILLRACE_ARCHITECTURES")) return folder;
  if (const char* config = std::getenv("XDG_CONFIG_HOME"); config && *config)
    return std::filesystem::path(config) / "millrace/architectures";
  if (const char* home = std::getenv("HOME"); home && *home)
    return std::filesystem::path(home) / ".config/millrace/architectures";
  return {};
}

}  // namespace

const CheckpointLayout* find_layout(const Architecture& architecture, const Checkpoint& checkpoint) {
  const std::string_view format = checkpoint.format() == "pytorch" ? "safetensors" : checkpoint.format();
  const auto layout = architecture.checkpoints.find(std::string(format));
  return layout == architecture.checkpoints.end() ? nullptr : &layout->second;
}

void ArchitectureLibrary::add(Architecture architecture) {
  auto name = architecture.name;
  families_.insert_or_assign(std::move(name), std::move(architecture));
}

void ArchitectureLibrary::add_folder(const std::filesystem::path& folder) {
  std::set<std::filesystem::path> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().extension() == ".yaml") paths.insert(entry->path());
  if (error) fail_at(ErrorKind::io, folder.string(), "cannot be read: {}", error.message());
  for (const auto& path : paths)
    add(parse_architecture(read_text(path, ErrorKind::model, limits::kPipelineBytes), path.string()));
}

Architecture ArchitectureLibrary::complete(const Architecture& architecture) const {
  Architecture result = architecture;
  std::set<std::string> seen = {architecture.name};
  for (std::string like = architecture.like, where = architecture.where; !like.empty();) {
    const auto base = families_.find(like);
    if (base == families_.end()) {
      std::vector<std::string> names;
      for (const auto& [name, family] : families_) names.push_back(name);
      fail_at(ErrorKind::model, where, "is like '{}', which is not known{}", like, did_you_mean(like, names));
    }
    if (!seen.insert(like).second) fail_at(ErrorKind::model, where, "is like itself, by way of '{}'", like);
    inherit(result, base->second);
    like = base->second.like;
    where = base->second.where;
  }
  return result;
}

Architecture ArchitectureLibrary::of_model_type(std::string_view model_type, const std::string& where) const {
  std::vector<std::string> known;
  for (const std::string_view type : {model_type, model_type.substr(0, model_type.find('/'))})
    for (const auto& [name, family] : families_) {
      if (std::ranges::count(family.model_types, type)) return complete(family);
      known.insert(known.end(), family.model_types.begin(), family.model_types.end());
    }
  fail_at(ErrorKind::model, where,
          "no architecture file describes the model_type '{}'{}; a new family is one file, see "
          "`models/architectures`",
          model_type, did_you_mean(model_type, known));
}

Architecture ArchitectureLibrary::named(const std::string& name, const std::string& where) const {
  const auto family = families_.find(name);
  if (family == families_.end())
    fail_at(ErrorKind::model, where, "there is no architecture file of the name '{}'", name);
  return complete(family->second);
}

Architecture ArchitectureLibrary::of_checkpoint(const Checkpoint& checkpoint) const {
  if (const auto named = checkpoint.metadata().find("general.architecture");
      checkpoint.format() == "gguf" && named != checkpoint.metadata().end()) {
    std::vector<std::string> known;
    for (const auto& [name, family] : families_) {
      const auto layout = family.checkpoints.find("gguf");
      if (layout == family.checkpoints.end()) continue;
      if (std::ranges::count(layout->second.architectures, named->second)) return complete(family);
      known.insert(known.end(), layout->second.architectures.begin(), layout->second.architectures.end());
    }
    fail_at(ErrorKind::model, checkpoint.source(),
            "no architecture file describes GGUF files of the architecture '{}'{}", named->second,
            did_you_mean(named->second, known));
  }
  const Architecture* best = nullptr;
  size_t most = 0;
  for (const auto& [name, family] : families_) {
    const auto* layout = find_layout(family, checkpoint);
    if (layout == nullptr || layout->recognised_by.size() <= most) continue;
    if (!std::ranges::all_of(layout->recognised_by,
                             [&](const std::string& tensor) { return checkpoint.has(tensor); }))
      continue;
    best = &family;
    most = layout->recognised_by.size();
  }
  if (best != nullptr) return complete(*best);
  fail_at(ErrorKind::model, checkpoint.source(),
          "there is no config.json, and no architecture file recognises the {} weights", checkpoint.format());
}

ArchitectureLibrary load_architectures() {
  ArchitectureLibrary library;
  for (const std::string_view name : embedded_files(kShipped))
    library.add(parse_architecture(*embedded_file(name), std::string(name)));
  if (const auto folder = user_folder(); !folder.empty() && is_folder(folder)) library.add_folder(folder);
  return library;
}

}  // namespace millrace
