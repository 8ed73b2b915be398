#include "nodes/chat_template.h"

#include <nlohmann/json.hpp>

#include "nodes/model_cache.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;

bool is_messages(const Json& value) {
  return value.is_array() && !value.empty() && value.front().is_object() && value.front().contains("role");
}

// The template's variables; null for what is no conversation.
Json messages_in(const std::string& text) {
  Json given = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (given.is_object() && given.contains("messages") && is_messages(given["messages"])) return given;
  return is_messages(given) ? Json{{"messages", std::move(given)}} : Json();
}

Json variables_of(const std::string& conversation) {
  Json given = messages_in(conversation);
  if (given.is_null()) given = {{"messages", Json::array({{{"role", "user"}, {"content", conversation}}})}};
  return given;
}

}  // namespace

bool holds_messages(const std::string& text) { return !messages_in(text).is_null(); }

ChatTemplateNode::ChatTemplateNode(const Params& params, Resources& resources)
    : system_(params.system), writer_(resources.get<ModelCache>().get(params.model)) {}

ChatTemplateNode::Out ChatTemplateNode::operator()(const In& in) const {
  Json variables = variables_of(*in.conversation);
  Json& messages = variables["messages"];
  if (!system_.empty() && messages.front().value("role", "") != "system")
    messages.insert(messages.begin(), Json::object({{"role", "system"}, {"content", system_}}));
  if (!variables.contains("add_generation_prompt"))
    variables["add_generation_prompt"] = messages.back().value("role", "") != "assistant";
  auto prompt = writer_.write(std::move(variables));
  return {.prompt = std::move(prompt.text), .pictures = {std::move(prompt.pictures)}};
}

}  // namespace millrace
