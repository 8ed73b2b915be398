#include "models/store/model_folder.h"

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

bool has(const fs::path& file) {
  std::error_code none;
  return fs::is_regular_file(file, none);  // follows links: one to a blob that is gone does not count
}

bool has_all_shards(const fs::path& index) {
  try {
    const auto document = read_json(index, ErrorKind::model, limits::kHeaderBytes);
    for (const auto& [tensor, shard] : document.at("weight_map").items())
      if (!shard.is_string() || !has(index.parent_path() / shard.get<std::string>())) return false;
    return true;
  } catch (const std::exception&) {
    return true;  // damaged: opening it will say how
  }
}

bool has_file_like(const fs::path& folder, std::string_view extension) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == extension && has(it->path())) return true;
  return false;
}

}  // namespace

std::string weights_format(const fs::path& folder) {
  if (has(folder / "model.safetensors")) return "safetensors";
  const fs::path index = folder / "model.safetensors.index.json";
  if (has(index)) return has_all_shards(index) ? "safetensors" : "";
  if (has(folder / "model.bin")) return "ctranslate2";
  if (has_file_like(folder, ".gguf")) return "gguf";
  if (has(folder / "pytorch_model.bin") || has_file_like(folder, ".pth")) return "pytorch";
  return {};
}

uint64_t bytes_below(const fs::path& folder) {
  uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code none;
    if (fs::is_regular_file(it->path(), none)) bytes += fs::file_size(it->path(), none);
  }
  return bytes;
}

}  // namespace millrace
