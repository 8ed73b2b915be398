#include "tokenizers/tokenizer.h"

#include <array>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/gguf_file.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"
#include "tokenizers/gguf_vocabulary.h"
#include "tokenizers/ranked_vocabulary.h"
#include "tokenizers/sentencepiece_file.h"
#include "tokenizers/tiktoken_file.h"
#include "tokenizers/tokenizer_config.h"
#include "tokenizers/tokenizer_json.h"
#include "tokenizers/vocabulary_files.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

// The SentencePiece or tiktoken file of a folder, by the names that such files have.
std::optional<fs::path> find_model_file(const fs::path& folder) {
  for (const char* name : {"tokenizer.model", "spiece.model", "sentencepiece.bpe.model",
                           "sentencepiece.model", "tiktoken.model"})
    if (path_exists(folder / name)) return folder / name;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".tiktoken") return entry.path();
  return std::nullopt;
}

// By what it says, whatever it is called.
bool is_gguf(const fs::path& file) {
  std::array<char, 4> magic = {};
  std::ifstream(file, std::ios::binary).read(magic.data(), magic.size());
  return std::string_view(magic.data(), magic.size()) == "GGUF";
}

std::optional<fs::path> only_gguf_file(const fs::path& folder) {
  std::optional<fs::path> only;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".gguf") continue;
    if (only) return std::nullopt;
    only = entry.path();
  }
  return only;
}

std::shared_ptr<const Tokenizer> tokenizer_from_model_file(const fs::path& file,
                                                           const TokenizerConfig& config) {
  const std::string bytes = read_text(file, ErrorKind::model, limits::kTokenizerBytes);
  try {
    return is_tiktoken(bytes) ? tokenizer_from_tiktoken(bytes, file.string(), config)
                              : tokenizer_from_sentencepiece(bytes, file.string(), config);
  } catch (const Error& error) {
    throw error.where().empty() ? error.at(file.string()) : error;
  }
}

}  // namespace

std::shared_ptr<const Tokenizer> load_tokenizer(const std::string& path) {
  const bool folder = is_folder(path);
  const fs::path file = folder ? fs::path(path) / "tokenizer.json" : fs::path(path);
  const fs::path beside = file.parent_path();
  if (!folder && is_gguf(file)) return tokenizer_from_gguf(*GgufFile::open(file), file.string());
  if (!folder && path_exists(file) && file.extension() != ".json")
    return tokenizer_from_model_file(file, read_tokenizer_config(beside));
  if (path_exists(file))
    return tokenizer_from_json(read_text(file, ErrorKind::model, limits::kTokenizerBytes), file.string(),
                               read_tokenizer_config(beside));
  if (folder && path_exists(beside / "vocab.json") && path_exists(beside / "merges.txt"))
    return tokenizer_from_vocabulary_files(beside, read_tokenizer_config(beside));
  if (folder) {
    if (const auto model = find_model_file(path))
      return tokenizer_from_model_file(*model, read_tokenizer_config(path));
    if (const auto gguf = only_gguf_file(path))
      return tokenizer_from_gguf(*GgufFile::open(*gguf), gguf->string());
  }
  for (const char* name : {"vocabulary.json", "vocabulary.txt"})
    if (folder && path_exists(beside / name))
      return tokenizer_from_ranked_vocabulary(beside / name, read_tokenizer_config(beside));
  fail_at(ErrorKind::model, path,
          "holds no tokenizer: neither tokenizer.json nor vocab.json with merges.txt nor a SentencePiece or "
          "tiktoken file (tokenizer.model) nor one .gguf file nor CTranslate2's vocabulary.json or "
          "vocabulary.txt");
}

}  // namespace millrace
