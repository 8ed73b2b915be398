#include "backends/text_files.h"

#include <charconv>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"

namespace millrace {
namespace {

bool has_file(const std::filesystem::path& folder, const char* name) { return path_exists(folder / name); }

bool has_tokenizer(const std::filesystem::path& folder) {
  const auto has = [&](const char* name) { return has_file(folder, name); };
  if (has("tokenizer.json") || (has("vocab.json") && has("merges.txt")) || has("vocabulary.json") ||
      has("vocabulary.txt") || has("tokenizer.model") || has("spiece.model") ||
      has("sentencepiece.bpe.model"))
    return true;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".tiktoken") return true;
  return false;
}

bool has_chat_template(const std::filesystem::path& folder) {
  if (has_file(folder, "chat_template.jinja") || has_file(folder, "chat_template.json")) return true;
  if (!has_file(folder, "tokenizer_config.json")) return false;
  const auto config = read_json(folder / "tokenizer_config.json", ErrorKind::model, limits::kConfigBytes);
  return config.is_object() && config.contains("chat_template");
}

// The tokens that a chat template may name.
NamedTokens named_tokens(const Tokenizer* tokenizer) {
  NamedTokens tokens;
  for (const char* name : {"bos_token", "eos_token", "pad_token", "unk_token"})
    if (const auto token = tokenizer != nullptr ? tokenizer->special_token(name) : std::nullopt)
      tokens.emplace_back(name, *token);
  return tokens;
}

std::optional<ChatTemplate> gguf_chat_template(const Checkpoint& checkpoint, const Tokenizer* tokenizer) {
  const std::string* text = find_metadata(checkpoint, "tokenizer.chat_template");
  if (text == nullptr) return std::nullopt;
  return ChatTemplate::from_text(*text, checkpoint.source() + ": 'tokenizer.chat_template'",
                                 named_tokens(tokenizer));
}

// The end of a turn ends an answer too.
GenerationConfig gguf_generation(const Checkpoint& checkpoint) {
  auto ends = nlohmann::json::array();
  for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"}) {
    const std::string* text = find_metadata(checkpoint, key);
    TokenId id = 0;
    if (text == nullptr || std::from_chars(text->data(), text->data() + text->size(), id).ec != std::errc())
      continue;
    if (ends.empty() || ends.front() != id) ends.push_back(id);
  }
  return GenerationConfig({{"eos_token_id", std::move(ends)}}, checkpoint.source());
}

}  // namespace

TextFiles read_text_files(const std::filesystem::path& folder, const Checkpoint& checkpoint) {
  TextFiles files;
  const bool gguf = checkpoint.format() == "gguf";
  if (gguf) {
    if (find_metadata(checkpoint, "tokenizer.ggml.model") != nullptr)
      files.tokenizer = load_tokenizer(checkpoint.source());
    files.generation = gguf_generation(checkpoint);
  } else {
    if (has_tokenizer(folder)) files.tokenizer = load_tokenizer(folder.string());
    files.generation = load_generation_config(folder);
  }
  if (has_chat_template(folder))
    files.chat_template = ChatTemplate::load(folder);
  else if (gguf)
    files.chat_template = gguf_chat_template(checkpoint, files.tokenizer.get());
  return files;
}

}  // namespace millrace
