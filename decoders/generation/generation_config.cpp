#include "decoders/generation/generation_config.h"

#include <limits>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"

namespace millrace {
namespace {

constexpr std::pair<const char*, const char*> kOtherNames[] = {
    {"suppress_ids", "suppress_tokens"},
    {"suppress_ids_begin", "begin_suppress_tokens"},
};

nlohmann::json read_object(const std::filesystem::path& path) {
  if (!path_exists(path)) return nlohmann::json::object();
  auto document = read_json(path, ErrorKind::model, limits::kConfigBytes);
  if (!document.is_object()) fail_at(ErrorKind::model, path.string(), "an object was expected");
  return document;
}

}  // namespace

GenerationConfig::GenerationConfig(nlohmann::json values, std::string source)
    : values_(std::move(values)), source_(std::move(source)) {
  if (!values_.is_object()) fail_at(ErrorKind::model, source_, "an object was expected");
}

const nlohmann::json* GenerationConfig::find(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() || found->is_null() ? nullptr : &*found;
}

void GenerationConfig::refuse(std::string_view key, std::string_view expected) const {
  fail_at(ErrorKind::model, source_, "'{}' should be {}, but is {}", key, expected,
          find(key)->dump().substr(0, 60));
}

bool GenerationConfig::has(std::string_view key) const { return find(key) != nullptr; }

std::optional<int64_t> GenerationConfig::integer(std::string_view key) const {
  const auto* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_number_integer()) refuse(key, "an integer");
  return value->get<int64_t>();
}

std::optional<double> GenerationConfig::real(std::string_view key) const {
  const auto* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_number()) refuse(key, "a number");
  return value->get<double>();
}

std::optional<bool> GenerationConfig::flag(std::string_view key) const {
  const auto* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_boolean()) refuse(key, "true or false");
  return value->get<bool>();
}

TokenId GenerationConfig::as_token(const nlohmann::json& value, std::string_view key) const {
  if (!value.is_number_integer()) refuse(key, "made of token ids");
  const auto id = value.get<int64_t>();
  // -1 stands for transformers' "none" in lists of suppressed tokens.
  if (id < -1 || id > std::numeric_limits<TokenId>::max()) refuse(key, "made of token ids");
  return static_cast<TokenId>(id);
}

std::optional<TokenId> GenerationConfig::token(std::string_view key) const {
  const auto* value = find(key);
  if (!value) return std::nullopt;
  return as_token(*value, key);
}

std::vector<TokenId> GenerationConfig::tokens(std::string_view key) const {
  const auto* value = find(key);
  if (!value) return {};
  if (!value->is_array()) return {as_token(*value, key)};
  std::vector<TokenId> ids;
  for (const auto& id : *value) ids.push_back(as_token(id, key));
  return ids;
}

std::map<std::string, TokenId> GenerationConfig::named_tokens(std::string_view key) const {
  const auto* value = find(key);
  if (!value) return {};
  if (!value->is_object()) refuse(key, "an object of token ids");
  std::map<std::string, TokenId> ids;
  for (const auto& [name, id] : value->items()) ids[name] = as_token(id, key);
  return ids;
}

std::vector<std::pair<int, int>> GenerationConfig::alignment_heads() const {
  constexpr std::string_view kKey = "alignment_heads", kExpected = "a list of [layer, head]";
  const auto* value = find(kKey);
  if (!value) return {};
  if (!value->is_array()) refuse(kKey, kExpected);
  std::vector<std::pair<int, int>> heads;
  for (const auto& pair : *value) {
    if (!pair.is_array() || pair.size() != 2) refuse(kKey, kExpected);
    heads.emplace_back(as_token(pair[0], kKey), as_token(pair[1], kKey));
    if (heads.back().first < 0 || heads.back().second < 0) refuse(kKey, kExpected);
  }
  return heads;
}

void GenerationConfig::set_default(const std::string& key, TokenId token) {
  if (!has(key)) values_[key] = token;
}

GenerationConfig load_generation_config(const std::filesystem::path& folder) {
  auto values = read_object(folder / "config.json");
  for (const auto& [name, meaning] : kOtherNames)
    if (values.contains(name) && !values.contains(meaning)) values[meaning] = values[name];
  auto path = folder / "generation_config.json";
  values.update(read_object(path));
  if (!path_exists(path)) path = folder / "config.json";
  return {std::move(values), path.string()};
}

}  // namespace millrace
