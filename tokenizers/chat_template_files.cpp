#include "tokenizers/chat_template_files.h"

#include <algorithm>

#include "base/json_file.h"
#include "base/limits.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;
using Text = ChatTemplateFiles::Text;

nlohmann::json read_object(const fs::path& path) {
  if (!fs::exists(path)) return nlohmann::json::object();
  nlohmann::json document = read_json(path, ErrorKind::model, limits::kConfigBytes);
  if (!document.is_object()) fail_at(ErrorKind::model, path.string(), "must be an object");
  return document;
}

std::optional<Text> read_if_there(const fs::path& path) {
  if (!fs::exists(path)) return std::nullopt;
  return Text{read_text(path, ErrorKind::model, limits::kConfigBytes), path.string()};
}

void take(ChatTemplateFiles& files, const std::string& name, Text text) {
  if (name == "default") files.main = std::move(text);
  if (name == "tool_use") files.for_tools = std::move(text);
}

// `chat_template` of a JSON file: the text, or a list of {name, template}, or an object of them.
void take_json(ChatTemplateFiles& files, const nlohmann::json& document, const fs::path& path) {
  const auto found = document.find("chat_template");
  if (found == document.end() || found->is_null()) return;
  const auto refuse = [&] {
    fail_at(ErrorKind::model, path.string(),
            "'chat_template' must be a string, or a list of objects with 'name' and 'template'");
  };
  const auto text = [&](const nlohmann::json& value, const std::string& name) {
    if (!value.is_string()) refuse();
    return Text{value.get<std::string>(), fmt::format("{}, template '{}'", path.string(), name)};
  };
  if (found->is_string()) {
    files.main = Text{found->get<std::string>(), path.string() + ", chat_template"};
  } else if (found->is_object()) {
    for (const auto& [name, value] : found->items()) take(files, name, text(value, name));
  } else if (found->is_array()) {
    for (const auto& entry : *found) {
      if (!entry.is_object() || !entry.contains("name") || !entry.contains("template") ||
          !entry["name"].is_string())
        refuse();
      const auto name = entry["name"].get<std::string>();
      take(files, name, text(entry["template"], name));
    }
  } else {
    refuse();
  }
}

// A token is a string, or an object with its `content`.
void take_tokens(NamedTokens& tokens, const nlohmann::json& document) {
  for (const auto& [key, value] : document.items()) {
    const bool content = value.is_object() && value.contains("content") && value["content"].is_string();
    if (!key.ends_with("_token") || !(value.is_string() || content)) continue;
    const std::string text = content ? value["content"].get<std::string>() : value.get<std::string>();
    const auto known =
        std::find_if(tokens.begin(), tokens.end(), [&](const auto& token) { return token.first == key; });
    known == tokens.end() ? (void)tokens.emplace_back(key, text) : (void)(known->second = text);
  }
}

}  // namespace

ChatTemplateFiles read_chat_template_files(const fs::path& folder) {
  ChatTemplateFiles files;
  const fs::path config_path = folder / "tokenizer_config.json";
  const nlohmann::json config = read_object(config_path);
  take_tokens(files.tokens, read_object(folder / "special_tokens_map.json"));
  take_tokens(files.tokens, config);  // which says the last word
  if (config.contains("model_specific_special_tokens") && config["model_specific_special_tokens"].is_object())
    take_tokens(files.tokens, config["model_specific_special_tokens"]);
  if (config.contains("extra_special_tokens") && config["extra_special_tokens"].is_object())
    take_tokens(files.tokens, config["extra_special_tokens"]);

  files.main = read_if_there(folder / "chat_template.jinja");
  const fs::path more = folder / "additional_chat_templates";
  if (auto text = read_if_there(more / "default.jinja"); text && !files.main) files.main = std::move(text);
  files.for_tools = read_if_there(more / "tool_use.jinja");
  if (files.main || files.for_tools) return files;
  const fs::path legacy = folder / "chat_template.json";
  take_json(files, read_object(legacy), legacy);
  if (!files.main && !files.for_tools) take_json(files, config, config_path);
  return files;
}

}  // namespace millrace
