#include "nodes/chat_template.h"

#include <nlohmann/json.hpp>

#include "nodes/model_cache.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;

bool is_messages(const Json& value) {
  return value.is_array() && !value.empty() && value.front().is_object() && value.front().contains("role");
}

// A conversation is JSON where it is JSON of that form; anything else is what a user says.
Json variables_of(const std::string& conversation) {
  Json given = Json::parse(conversation, nullptr, /*allow_exceptions=*/false);
  if (given.is_object() && given.contains("messages") && is_messages(given["messages"])) return given;
  if (!is_messages(given)) given = Json::array({{{"role", "user"}, {"content", conversation}}});
  return {{"messages", std::move(given)}};
}

}  // namespace

ChatTemplateNode::ChatTemplateNode(const Params& params, Resources& resources)
    : system_(params.system), model_(resources.get<ModelCache>().get(params.model)) {
  if (!model_->chat_template)
    fail_at(ErrorKind::model, model_->methods->source(),
            "has no chat template; it only continues texts: "
            "use the pipeline 'generate'");
}

ChatTemplateNode::Out ChatTemplateNode::operator()(const In& in) const {
  Json variables = variables_of(*in.conversation);
  Json& messages = variables["messages"];
  if (!system_.empty() && messages.front().value("role", "") != "system")
    messages.insert(messages.begin(), Json::object({{"role", "system"}, {"content", system_}}));
  if (!variables.contains("add_generation_prompt"))
    variables["add_generation_prompt"] = messages.back().value("role", "") != "assistant";
  return {.prompt = model_->chat_template->render(variables)};
}

}  // namespace millrace
