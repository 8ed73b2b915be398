#include "models/checkpoint.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/mapped_file.h"
#include "models/ctranslate2_checkpoint.h"
#include "models/gguf_checkpoint.h"
#include "models/pytorch_checkpoint.h"
#include "models/safetensors.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

// What the file's first bytes say it is.
std::shared_ptr<const Checkpoint> open_file(const fs::path& path) {
  const auto file = MappedFile::open(path);
  const auto bytes = file->bytes();
  const auto at = [&](size_t i) { return i < bytes.size() ? std::to_integer<int>(bytes[i]) : -1; };
  if (path.filename().string().ends_with(".index.json")) return read_safetensors_shards(path);
  if (path.extension() == ".safetensors" || at(8) == '{') return read_safetensors(file);
  if (at(0) == 'G' && at(1) == 'G' && at(2) == 'U' && at(3) == 'F') return read_gguf(file);
  if (is_pytorch(bytes)) return read_pytorch(file);
  if (at(1) > 0 || at(2) > 0 || at(3) > 0)  // CTranslate2's begin with a small number
    fail_at(ErrorKind::model, path.string(), "is neither safetensors nor GGUF nor a CTranslate2 model");
  return read_ctranslate2(file);
}

}  // namespace

std::optional<std::string> metadata_key(const Checkpoint& checkpoint, std::string key) {
  constexpr std::string_view kPlaceholder = "{architecture}";
  if (const auto at = key.find(kPlaceholder); at != std::string::npos) {
    const auto name = checkpoint.metadata().find("general.architecture");
    if (name == checkpoint.metadata().end()) return std::nullopt;
    key.replace(at, kPlaceholder.size(), name->second);
  }
  return key;
}

const std::string* find_metadata(const Checkpoint& checkpoint, std::string key) {
  const auto full = metadata_key(checkpoint, std::move(key));
  if (!full) return nullptr;
  const auto found = checkpoint.metadata().find(*full);
  return found == checkpoint.metadata().end() ? nullptr : &found->second;
}

std::shared_ptr<const Checkpoint> open_checkpoint(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) fail_at(ErrorKind::model, path.string(), "there is no such file or folder");
  if (!fs::is_directory(path, ignored)) return open_file(path);
  constexpr std::array kFiles = {"model.safetensors", "model.safetensors.index.json", "model.bin"};
  for (const char* name : kFiles)
    if (fs::exists(path / name, ignored)) return open_file(path / name);
  if (fs::exists(path / "pytorch_model.bin", ignored)) return open_file(path / "pytorch_model.bin");
  if (const auto gguf = find_gguf(path); !gguf.empty()) return open_file(gguf);
  if (const auto state_dict = find_state_dict(path); !state_dict.empty()) return open_file(state_dict);
  fail_at(ErrorKind::model, path.string(),
          "holds no weights: neither model.safetensors nor model.safetensors.index.json nor model.bin nor "
          "pytorch_model.bin nor a GGUF or .pth file");
}

}  // namespace millrace
