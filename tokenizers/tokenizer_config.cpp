#include "tokenizers/tokenizer_config.h"

#include <algorithm>
#include <charconv>

#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"
#include "tokenizers/vocabulary.h"

namespace millrace {
namespace {

// The document, or null where there is none.
nlohmann::json read_if_there(const std::filesystem::path& path) {
  if (!path_exists(path)) return nullptr;
  nlohmann::json document = read_json(path, ErrorKind::model, limits::kConfigBytes);
  if (!document.is_object()) fail_at(ErrorKind::model, path.string(), "must be an object");
  return document;
}

int64_t checked_id(const ComponentSpec& spec, int64_t id) {
  if (id < 0 || id > Vocabulary::kMostId) spec.refuse("{} is not the id of a token", id);
  return id;
}

void add_numbered(const ComponentSpec& spec, TokenizerConfig& config) {
  if (!spec.has("added_tokens_decoder")) return;
  const ComponentSpec decoder = spec.part("added_tokens_decoder");
  if (!decoder.value().is_object()) decoder.refuse("must be an object");
  for (const auto& [key, value] : decoder.value().items()) {
    int64_t id = -1;
    const auto end = key.data() + key.size();
    if (std::from_chars(key.data(), end, id).ptr != end) id = -1;
    config.numbered.emplace_back(checked_id(decoder, id),
                                 read_added_token({value, fmt::format("{}.{}", decoder.where(), key)}));
  }
}

// "bos_token": "<s>" or {"content": "<s>", …}, and lists of them.
void add_named(const ComponentSpec& spec, const nlohmann::json& value, TokenizerConfig& config) {
  if (value.is_array()) {
    for (const auto& one : value) add_named(spec, one, config);
  } else if (value.is_string()) {
    config.named.push_back({.content = value.get<std::string>(), .normalized = false, .special = true});
  } else if (value.is_object() && value.contains("content")) {
    config.named.push_back(read_added_token({value, spec.where()}));
    config.named.back().special = true;
  }
}

void add_named(const ComponentSpec& spec, TokenizerConfig& config) {
  for (const auto* key : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token",
                          "mask_token", "additional_special_tokens", "extra_special_tokens"}) {
    if (!spec.has(key)) continue;
    const auto& value = spec.value().at(key);
    add_named(spec, value, config);
    if (!value.is_array() && !config.named.empty()) config.special_tokens[key] = config.named.back().content;
    if (std::string_view(key) == "unk_token" && !config.named.empty())
      config.unknown_token = config.named.back().content;
  }
}

}  // namespace

AddedToken read_added_token(const ComponentSpec& spec) {
  AddedToken token{.content = spec.text("content"),
                   .single_word = spec.flag("single_word", false),
                   .lstrip = spec.flag("lstrip", false),
                   .rstrip = spec.flag("rstrip", false),
                   .special = spec.flag("special", false)};
  token.normalized = spec.flag("normalized", !token.special);
  return token;
}

void TokenizerConfig::default_token(const char* name, std::string_view content) {
  if (special_tokens.contains(name) || content.empty()) return;
  special_tokens[name] = content;
  named.push_back({.content = std::string(content), .normalized = false, .special = true});
}

TokenizerConfig read_tokenizer_config(const std::filesystem::path& folder) {
  TokenizerConfig config;
  const auto path = [&](const char* name) { return folder / name; };
  if (const auto map = read_if_there(path("special_tokens_map.json")); !map.is_null())
    add_named({map, path("special_tokens_map.json").string()}, config);
  if (const auto main = read_if_there(path("tokenizer_config.json")); !main.is_null()) {
    const ComponentSpec spec(main, path("tokenizer_config.json").string());
    config.clean_up_spaces = spec.flag("clean_up_tokenization_spaces", false);
    config.clean_up_bpe_spaces =
        spec.flag("clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output", false);
    if (spec.has("add_prefix_space")) config.add_prefix_space = spec.flag("add_prefix_space");
    config.add_bos = spec.flag("add_bos_token", false);
    config.add_eos = spec.flag("add_eos_token", false);
    config.legacy = spec.flag("legacy", false);
    config.lower_case = spec.flag("do_lower_case", true);
    config.extra_ids = spec.number("extra_ids", 100);
    if (config.extra_ids < 0 || config.extra_ids > 100'000)
      spec.refuse("'extra_ids' is {}", config.extra_ids);
    config.tokenizer_class = spec.text("tokenizer_class", "");
    if (config.tokenizer_class.ends_with("Fast"))
      config.tokenizer_class.resize(config.tokenizer_class.size() - 4);
    add_numbered(spec, config);
    add_named(spec, config);
  }
  if (const auto added = read_if_there(path("added_tokens.json")); !added.is_null()) {
    const ComponentSpec spec(added, path("added_tokens.json").string());
    for (const auto& [content, id] : added.items()) {
      const bool special = std::any_of(config.named.begin(), config.named.end(),
                                       [&](const AddedToken& named) { return named.content == content; });
      config.numbered.emplace_back(
          checked_id(spec, spec.number(content)),
          AddedToken{.content = content, .normalized = !special, .special = special});
    }
  }
  std::stable_sort(config.numbered.begin(), config.numbered.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return config;
}

}  // namespace millrace
