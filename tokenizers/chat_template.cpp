#include "tokenizers/chat_template.h"

#include <algorithm>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "tokenizers/chat_template_files.h"
#include "tokenizers/jinja/json_value.h"
#include "tokenizers/jinja/template.h"

namespace millrace {

struct ChatTemplate::Parsed {
  jinja::Template jinja;
};

namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

// Names under which messages carry the model's reasoning; templates look for the first.
constexpr const char* kReasoningNames[] = {"reasoning_content", "thinking", "reasoning"};

// A message as transformers gives it to templates: null stands for absent, and reasoning is under each name
// that templates look for.
ordered_json prepared(const ordered_json& message) {
  if (!message.is_object()) return message;
  ordered_json kept = ordered_json::object();
  for (const auto& [key, value] : message.items())
    if (!value.is_null()) kept[key] = value;
  for (const char* name : kReasoningNames) {
    if (!kept.contains(name)) continue;
    const ordered_json reasoning = kept[name];
    ordered_json result = ordered_json::object();
    result["thinking"] = reasoning;
    for (const auto& [key, value] : kept.items()) result[key] = value;
    result["reasoning_content"] = reasoning;
    return result;
  }
  return kept;
}

ordered_json prepared_messages(const ordered_json& messages) {
  if (!messages.is_array()) return messages;
  ordered_json result = ordered_json::array();
  for (const ordered_json& message : messages) result.push_back(prepared(message));
  return result;
}

}  // namespace

ChatTemplate::ChatTemplate(std::shared_ptr<const Parsed> main, std::shared_ptr<const Parsed> for_tools,
                           NamedTokens tokens)
    : main_(std::move(main)), for_tools_(std::move(for_tools)), tokens_(std::move(tokens)) {}

ChatTemplate ChatTemplate::from_text(std::string_view text, const std::string& name, NamedTokens tokens) {
  return ChatTemplate(std::make_shared<const Parsed>(Parsed{jinja::Template(text, name)}), nullptr,
                      std::move(tokens));
}

ChatTemplate ChatTemplate::load(const fs::path& path) {
  if (!fs::is_directory(path))
    return from_text(read_text(path, ErrorKind::model, limits::kConfigBytes), path.string());
  ChatTemplateFiles files = read_chat_template_files(path);
  if (!files.main && !files.for_tools)
    fail_at(
        ErrorKind::model, path.string(),
        "holds no chat template: neither chat_template.jinja nor chat_template.json nor a 'chat_template' in "
        "tokenizer_config.json");
  const auto parse = [](const std::optional<ChatTemplateFiles::Text>& file) {
    return file ? std::make_shared<const Parsed>(Parsed{jinja::Template(file->text, file->name)}) : nullptr;
  };
  return ChatTemplate(parse(files.main), parse(files.for_tools), std::move(files.tokens));
}

std::string ChatTemplate::render(const ordered_json& variables) const {
  if (!variables.is_object())
    fail(ErrorKind::input, "a chat template takes an object of variables, got {}", variables.type_name());
  ordered_json all = {{"tools", nullptr}, {"documents", nullptr}, {"add_generation_prompt", false}};
  for (const auto& [name, text] : tokens_) all[name] = text;
  for (const auto& [name, value] : variables.items())
    all[name] = name == "messages" ? prepared_messages(value) : value;

  const bool with_tools = for_tools_ && !all["tools"].is_null();
  const auto& chosen = with_tools ? for_tools_ : main_;
  if (!chosen)
    fail(ErrorKind::input,
         "the model has chat templates, but none named 'default'; 'tool_use' is for calls with tools");
  std::vector<std::pair<std::string, jinja::Value>> values;
  for (const auto& [name, value] : all.items()) values.emplace_back(name, jinja::value_from_json(value));
  return chosen->jinja.render(values);
}

}  // namespace millrace
