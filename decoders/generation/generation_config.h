#pragma once
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace millrace {

// What a model's makers say about generating with it: generation_config.json, else the same keys of
// config.json (as transformers reads older models). A key that is absent or null is nullopt or empty; one of
// another type is Error(model) that names it.
class GenerationConfig {
 public:
  GenerationConfig() = default;
  // `values` is an object; `source` the file's name, for messages.
  GenerationConfig(nlohmann::json values, std::string source);

  bool has(std::string_view key) const;  // present and not null
  std::optional<int64_t> integer(std::string_view key) const;
  std::optional<double> real(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  std::optional<TokenId> token(std::string_view key) const;
  // A list of tokens; one alone is a list of one (eos_token_id may be either).
  std::vector<TokenId> tokens(std::string_view key) const;
  // Names to tokens: lang_to_id, task_to_id.
  std::map<std::string, TokenId> named_tokens(std::string_view key) const;
  // (layer, head) of the cross-attention heads that follow the time; empty when unknown.
  std::vector<std::pair<int, int>> alignment_heads() const;

  // Sets `key` where there is nothing yet.
  void set_default(const std::string& key, TokenId token);

  const nlohmann::json& values() const { return values_; }
  const std::string& source() const { return source_; }

 private:
  const nlohmann::json* find(std::string_view key) const;
  [[noreturn]] void refuse(std::string_view key, std::string_view expected) const;
  TokenId as_token(const nlohmann::json& value, std::string_view key) const;

  nlohmann::json values_ = nlohmann::json::object();
  std::string source_;
};

// From a model folder. CTranslate2's config.json says the same in other words: suppress_ids is
// suppress_tokens, suppress_ids_begin is begin_suppress_tokens. A folder without any of these files gives an
// empty configuration.
GenerationConfig load_generation_config(const std::filesystem::path& folder);

}  // namespace millrace
