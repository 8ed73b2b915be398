#pragma once
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace {

// Names that a template may use for tokens, with their texts: ("bos_token", "<s>").
using NamedTokens = std::vector<std::pair<std::string, std::string>>;

// Makes the text that a model is given out of a conversation: the Jinja template that comes with the model,
// rendered as transformers' apply_chat_template does it.
//
//   const auto chat = ChatTemplate::load("SmolLM2-135M-Instruct");
//   chat.render({{"messages", {{{"role", "user"}, {"content", "Hi"}}}}, {"add_generation_prompt", true}});
//
// One may be rendered by any number of threads.
class ChatTemplate {
 public:
  // From a template's text, such as GGUF's `tokenizer.chat_template`. Errors call it `name`. What cannot be
  // parsed is Error(model) at "name:line:column".
  static ChatTemplate from_text(std::string_view text, const std::string& name, NamedTokens tokens = {});

  // From a model's folder: chat_template.jinja with additional_chat_templates/NAME.jinja, chat_template.json,
  // or tokenizer_config.json, whichever is there first; or from a .jinja file. The tokens come from
  // tokenizer_config.json and special_tokens_map.json. A folder without a template is Error(model).
  static ChatTemplate load(const std::filesystem::path& path);

  // Variables that transformers gives every template are there without being given: `tools` and `documents`
  // (none), `add_generation_prompt` (false) and the tokens. As in transformers, messages lose keys that are
  // null, and what a message calls its reasoning is there under each of the names in use. With `tools`, the
  // template named "tool_use" serves if there is one. What goes wrong, and what the template raises, is
  // Error(input) at "name:line:column".
  std::string render(const nlohmann::ordered_json& variables) const;

 private:
  struct Parsed;
  ChatTemplate(std::shared_ptr<const Parsed> main, std::shared_ptr<const Parsed> for_tools,
               NamedTokens tokens);

  std::shared_ptr<const Parsed> main_, for_tools_;  // the second may be null
  NamedTokens tokens_;
};

}  // namespace millrace
