#include "backends/chat_prompt.h"

#include <string_view>

#include "backends/message_media.h"
#include "base/error.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;

// What a template makes of one message with this content; empty where it refuses.
std::string tried(const ChatTemplate& chat_template, Json content) {
  try {
    return chat_template.render(
        {{"messages", Json::array({{{"role", "user"}, {"content", std::move(content)}}})},
         {"add_generation_prompt", true}});
  } catch (const Error&) {
    return {};
  }
}

int64_t count(std::string_view text, std::string_view part) {
  int64_t times = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++times;
  return times;
}

Json text_part(const std::string& text) { return {{"type", "text"}, {"text", text}}; }

// The texts of a list of parts; those that stand beside each other are lines.
std::string joined(const Json& parts) {
  std::string text;
  for (const auto& part : parts) {
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    text += part["text"].get<std::string>();
  }
  return text;
}

bool is_spoken(const Json& message) {
  const auto role = message.value("role", "");
  return role == "user" || role == "assistant" || role == "system";
}

}  // namespace

ChatPromptWriter::ChatPromptWriter(std::shared_ptr<const LoadedModel> model) : model_(std::move(model)) {
  if (model_->multimodal) marker_ = model_->multimodal->picture_text().marker;
  if (!model_->chat_template) {
    if (!marker_.empty()) return;
    fail_at(ErrorKind::model, model_->methods->source(),
            "has no chat template; it only continues texts: use the pipeline 'generate'");
  }
  // The template itself tells best what it does with lists.
  constexpr std::string_view kWord = "quizzical";
  const Json text = text_part(std::string(kWord));
  const auto listed = tried(*model_->chat_template, Json::array({text}));
  takes_lists_ = count(listed, kWord) == 1 &&
                 count(listed, "type") == count(tried(*model_->chat_template, std::string(kWord)), "type");
  if (marker_.empty() || !takes_lists_) return;
  const auto pictured = tried(*model_->chat_template, Json::array({Json{{"type", "image"}}, text}));
  takes_pictures_ = count(pictured, marker_) == count(listed, marker_) + 1;
}

// What the template is given as the content of a message; its pictures go to the prompt.
Json ChatPromptWriter::content_of(const Json& message, size_t number, ChatPrompt& prompt) const {
  const Json content = message.value("content", Json());
  if (content.is_string() && takes_lists_ && !marker_.empty() && is_spoken(message))
    return Json::array({text_part(content.get<std::string>())});
  if (!content.is_array()) return content;
  auto parts = Json::array();
  for (size_t i = 0; i < content.size(); ++i) {
    const auto where = fmt::format("part {} of message {}", i + 1, number);
    auto media = message_media(content[i], where);
    if (!media) {
      const auto text = content[i].find("text");
      if (text == content[i].end() || !text->is_string())
        fail_at(ErrorKind::input, where, "needs a text 'text'");
      parts.push_back(text_part(text->get<std::string>()));
      continue;
    }
    if (media->kind == MessageMedia::Kind::sound)
      fail_at(ErrorKind::input, where, "is a recording, which '{}' does not hear", model_->methods->source());
    if (marker_.empty())
      fail_at(ErrorKind::input, where,
              "is a picture, which '{}' does not see; a model that reads pictures does, such as "
              "HuggingFaceTB/SmolVLM-256M-Instruct",
              model_->methods->source());
    parts.push_back(takes_pictures_ ? Json{{"type", "image"}} : text_part(marker_ + "\n"));
    prompt.pictures.push_back(std::move(media->file));
  }
  return takes_lists_ ? parts : Json(joined(parts));
}

// The processors of models without a template (PaliGemma) put the pictures before the text.
std::string ChatPromptWriter::render_untemplated(const Json& messages) const {
  std::string text, markers;
  if (messages.size() != 1)
    fail_at(ErrorKind::input, model_->methods->source(),
            "has no chat template: it answers a single message, not a conversation of {}", messages.size());
  auto content = messages[0]["content"].get<std::string>();
  for (const std::string line = marker_ + "\n"; content.starts_with(line); content.erase(0, line.size()))
    markers += marker_;
  return markers + content;
}

ChatPrompt ChatPromptWriter::write(Json variables) const {
  ChatPrompt prompt;
  Json& messages = variables["messages"];
  for (size_t i = 0; i < messages.size(); ++i)
    if (messages[i].is_object() && messages[i].contains("content"))
      messages[i]["content"] = content_of(messages[i], i + 1, prompt);
  prompt.text =
      model_->chat_template ? model_->chat_template->render(variables) : render_untemplated(messages);
  if (!marker_.empty())
    if (const auto places = count(prompt.text, marker_); places != std::ssize(prompt.pictures))
      fail_at(ErrorKind::input, "the conversation",
              "has {} pictures, but the text has {} places for one, '{}'", prompt.pictures.size(), places,
              marker_);
  return prompt;
}

}  // namespace millrace
