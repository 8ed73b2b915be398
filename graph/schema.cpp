#include "graph/schema.h"

#include <fmt/core.h>

#include <cmath>

#include "graph/check/properties.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kWord = "^[a-z][a-z0-9_]*$";
constexpr const char* kPort = R"(^(\$input(\.[a-z][a-z0-9_]*)?|[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)$)";

const char* name_of_role(PortRole role) {
  switch (role) {
    case PortRole::required:
      return "required";
    case PortRole::optional:
      return "optional";
    case PortRole::feedback:
      return "feedback";
  }
  return "required";
}

Json value_json(const ParamValue& value) {
  return std::visit(
      [](const auto& held) -> Json {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return nullptr;
        } else if constexpr (std::is_same_v<T, ParamValue::List>) {
          Json json = Json::array();
          for (const ParamValue& element : held) json.push_back(value_json(element));
          return json;
        } else {
          return held;
        }
      },
      value.value);
}

// A bound, whole where it can be.
Json bound_json(double bound) {
  if (bound == std::floor(bound) && std::abs(bound) < 1e15) return static_cast<int64_t>(bound);
  return bound;
}

Json object(Json properties, std::vector<std::string> required) {
  Json json = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) json["required"] = std::move(required);
  json["additionalProperties"] = false;
  return json;
}

// Values as the contract types them: text may look like anything in YAML.
Json element_schema(const ParamInfo& info) {
  Json json;
  switch (info.type.kind) {
    case ParamKind::boolean:
      return {{"type", "boolean"}};
    case ParamKind::integer:
      json["type"] = "integer";
      break;
    case ParamKind::number:
      json["type"] = "number";
      break;
    case ParamKind::choice:
      return {{"enum", info.choices}};
    case ParamKind::text:
    case ParamKind::model:
      return {{"type", {"string", "number", "boolean"}}};
  }
  if (std::isfinite(info.min)) json["minimum"] = bound_json(info.min);
  if (std::isfinite(info.max)) json["maximum"] = bound_json(info.max);
  return json;
}

Json param_schema(const ParamInfo& info) {
  Json value = element_schema(info);
  if (info.type.list) value = {{"type", "array"}, {"items", std::move(value)}};
  Json any = {{{"$ref", "#/$defs/parameter_reference"}}, std::move(value)};
  if (info.type.optional) any.push_back({{"type", "null"}});
  Json json = {{"description", info.unit.empty() ? info.help : fmt::format("{} ({})", info.help, info.unit)},
               {"anyOf", std::move(any)}};
  if (!info.required) json["default"] = value_json(info.default_value);
  return json;
}

// Under `inputs` or under `feedback`.
Json wires_schema(const NodeType& type, bool feedback) {
  Json ports = Json::object();
  std::vector<std::string> required;
  for (const PortInfo& port : type.inputs) {
    if ((port.role == PortRole::feedback) != feedback) continue;
    ports[port.name] = {{"description", fmt::format("{}: {}", port.type->name, port.help)},
                        {"$ref", "#/$defs/port"}};
    if (port.role != PortRole::optional) required.push_back(port.name);
  }
  return ports.empty() ? Json() : object(std::move(ports), std::move(required));
}

Json node_schema(const NodeType& type) {
  Json properties = {{"type", {{"const", type.type}}}};
  std::vector<std::string> required = {"type"};
  for (const bool feedback : {false, true}) {
    Json wires = wires_schema(type, feedback);
    if (wires.is_null()) continue;
    const char* key = feedback ? "feedback" : "inputs";
    if (wires.contains("required")) required.emplace_back(key);
    properties[key] = std::move(wires);
  }
  for (const ParamInfo& param : type.params) {
    properties[param.name] = param_schema(param);
    if (param.required) required.push_back(param.name);
  }
  for (const ParamInfo& param : property_infos()) properties[param.name] = param_schema(param);
  Json json = object(std::move(properties), std::move(required));
  json["description"] = type.help;
  return json;
}

// A node is what its type says; a type that is no node type names another pipeline.
Json any_node_schema(const Registry& registry) {
  Json cases = Json::array();
  for (const NodeType* type : registry.all())
    cases.push_back({{"if", {{"properties", {{"type", {{"const", type->type}}}}}}},
                     {"then", {{"$ref", "#/$defs/" + type->type}}}});
  return {{"type", "object"},
          {"required", {"type"}},
          {"properties", {{"type", {{"anyOf", {{{"enum", registry.names()}}, {{"pattern", kWord}}}}}}}},
          {"allOf", std::move(cases)}};
}

Json parameter_schema() {
  return object(
      {{"type", {{"pattern", "^(list of )?(bool|int|float|string|model)( or null)?$"}}},
       {"default", {{"description", "the value unless --set gives another; null leaves every node its own"}}},
       {"help", {{"type", "string"}}}},
      {"type"});
}

Json map_of(const char* definition) {
  return {{"type", "object"},
          {"propertyNames", {{"pattern", kWord}}},
          {"additionalProperties", {{"$ref", definition}}}};
}

}  // namespace

Json node_json(const NodeType& type) {
  const auto ports = [](const std::vector<PortInfo>& all) {
    Json list = Json::array();
    for (const PortInfo& port : all)
      list.push_back({{"name", port.name},
                      {"type", port.type->name},
                      {"role", name_of_role(port.role)},
                      {"help", port.help}});
    return list;
  };
  Json params = Json::array();
  for (const ParamInfo& param : type.params) {
    Json json = {{"name", param.name}, {"type", to_string(param.type)}, {"required", param.required}};
    if (!param.required) json["default"] = value_json(param.default_value);
    if (!param.choices.empty()) json["choices"] = param.choices;
    if (std::isfinite(param.min) && param.choices.empty()) json["min"] = bound_json(param.min);
    if (std::isfinite(param.max) && param.choices.empty()) json["max"] = bound_json(param.max);
    if (!param.unit.empty()) json["unit"] = param.unit;
    json["help"] = param.help;
    params.push_back(std::move(json));
  }
  return {{"type", type.type},          {"help", type.help},
          {"form", name_of(type.form)}, {"batches", type.takes_batches},
          {"blocking", type.blocking},  {"inputs", ports(type.inputs)},
          {"params", params},           {"outputs", ports(type.outputs)}};
}

Json pipeline_schema(const Registry& registry) {
  Json definitions = {
      {"port", {{"description", "NODE.PORT, or $input, the item the pipeline is given"}, {"pattern", kPort}}},
      {"parameter_reference",
       {{"description", "$NAME, a parameter of the pipeline"}, {"type", "string"}, {"pattern", "^\\$"}}},
      {"parameter", parameter_schema()},
      {"node", any_node_schema(registry)}};
  for (const NodeType* type : registry.all()) definitions[type->type] = node_schema(*type);
  Json json = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Millrace pipeline"}};
  json.update(object({{"name", {{"type", {"string", "number", "boolean"}}}},
                      {"description", {{"type", "string"}}},
                      {"parameters", map_of("#/$defs/parameter")},
                      {"nodes", map_of("#/$defs/node")},
                      {"outputs", map_of("#/$defs/port")}},
                     {"name", "nodes"}));
  json["$defs"] = std::move(definitions);
  return json;
}

}  // namespace millrace
