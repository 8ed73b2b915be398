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

constexpr const char* kWord = "quizzical";  // that no template has

void check_places(const std::string& text, const std::string& marker, size_t media, std::string_view kind) {
  if (marker.empty()) return;
  if (const auto places = count(text, marker); places != static_cast<int64_t>(media))
    fail_at(ErrorKind::input, "the conversation", "has {} {}, but the text has {} places for one, '{}'",
            media, kind, places, marker);
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
  const auto& media = model_->multimodal;
  if (model_->chat_template) {
    // The template itself tells best what it does with lists: not what it does with other values, write them
    // out.
    const auto listed = tried(*model_->chat_template, Json::array({text_part(kWord)}));
    const auto plain = tried(*model_->chat_template, kWord);
    takes_lists_ = count(listed, kWord) == 1 && count(listed, "type") <= count(plain, "type");
  } else if (!media) {
    fail_at(ErrorKind::model, model_->methods->source(),
            "has no chat template; it only continues texts: use the pipeline 'generate'");
  }
  if (media && media->pictures()) pictures_ = kind_of("image", media->picture_text().marker);
  if (media && media->sounds()) sounds_ = kind_of("audio", media->sound_text().marker);
}

ChatPromptWriter::Kind ChatPromptWriter::kind_of(const char* type, const std::string& marker) const {
  Kind kind{.marker = marker, .type = type};
  if (!takes_lists_) return kind;
  const Json text = text_part(kWord);
  const auto without = tried(*model_->chat_template, Json::array({text}));
  const auto with = tried(*model_->chat_template, Json::array({Json{{"type", type}}, text}));
  kind.templated = count(with, marker) == count(without, marker) + 1;
  return kind;
}

// What the template is given for a part of a message; what it refers to goes to the prompt.
Json ChatPromptWriter::media_part(const Json& part, const std::string& where, ChatPrompt& prompt) const {
  auto media = message_media(part, where);
  if (!media) {
    const auto text = part.find("text");
    if (text == part.end() || !text->is_string()) fail_at(ErrorKind::input, where, "needs a text 'text'");
    return text_part(text->get<std::string>());
  }
  const bool picture = media->kind == MessageMedia::Kind::picture;
  const Kind& kind = picture ? pictures_ : sounds_;
  if (kind.marker.empty())
    fail_at(ErrorKind::input, where, "is a {}, which '{}' does not {}", picture ? "picture" : "recording",
            model_->methods->source(),
            picture ? "see; a model that reads pictures does, such as HuggingFaceTB/SmolVLM-256M-Instruct"
                    : "hear; the pipeline 'ask_aloud' writes it down for models that read texts");
  (picture ? prompt.pictures : prompt.sounds).push_back(std::move(media->file));
  return kind.templated ? Json{{"type", kind.type}} : text_part(kind.marker + "\n");
}

// What the template is given as the content of a message.
Json ChatPromptWriter::content_of(const Json& message, size_t number, ChatPrompt& prompt) const {
  const Json content = message.value("content", Json());
  if (content.is_string() && takes_lists_ && is_multimodal() && is_spoken(message))
    return Json::array({text_part(content.get<std::string>())});
  if (!content.is_array()) return content;
  auto parts = Json::array();
  for (size_t i = 0; i < content.size(); ++i)
    parts.push_back(media_part(content[i], fmt::format("part {} of message {}", i + 1, number), prompt));
  return takes_lists_ ? parts : Json(joined(parts));
}

// The processors of models without a template (PaliGemma) put the media before the text.
std::string ChatPromptWriter::render_untemplated(const Json& messages) const {
  if (messages.size() != 1 || !messages[0].is_object() || !messages[0].contains("content"))
    fail_at(ErrorKind::input, model_->methods->source(),
            "has no chat template: it answers a single message, not a conversation of {}", messages.size());
  auto text = messages[0]["content"].get<std::string>();
  std::string markers;
  for (bool found = true; found;) {
    found = false;
    for (const auto* kind : {&pictures_, &sounds_})
      if (!kind->marker.empty() && text.starts_with(kind->marker + "\n")) {
        markers += kind->marker;
        text.erase(0, kind->marker.size() + 1);
        found = true;
      }
  }
  return markers + text;
}

ChatPrompt ChatPromptWriter::write(Json variables) const {
  ChatPrompt prompt;
  Json& messages = variables["messages"];
  for (size_t i = 0; i < messages.size(); ++i)
    if (messages[i].is_object() && messages[i].contains("content"))
      messages[i]["content"] = content_of(messages[i], i + 1, prompt);
  prompt.text =
      model_->chat_template ? model_->chat_template->render(variables) : render_untemplated(messages);
  check_places(prompt.text, pictures_.marker, prompt.pictures.size(), "pictures");
  check_places(prompt.text, sounds_.marker, prompt.sounds.size(), "recordings");
  return prompt;
}

}  // namespace millrace
