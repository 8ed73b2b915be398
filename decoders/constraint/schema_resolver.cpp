#include "decoders/constraint/schema_resolver.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace millrace {
namespace {

using Json = SchemaResolver::Json;
constexpr int kDepth = 64;

bool is_annotation(const std::string& keyword) {
  constexpr std::array kAnnotations = {"title",    "description", "default",    "examples", "$comment",
                                       "readOnly", "writeOnly",   "deprecated", "$schema",  "$id",
                                       "$anchor",  "$defs",       "definitions"};
  return std::find(kAnnotations.begin(), kAnnotations.end(), keyword) != kAnnotations.end();
}

// A list without what is not in the other; "integer" is in "number".
Json common(const Json& a, const Json& b) {
  const auto has = [](const Json& list, const Json& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  };
  Json both = Json::array();
  for (const auto& item : a)
    if (has(b, item) || (item == "integer" && has(b, "number"))) both.push_back(item);
  if (has(a, "number") && has(b, "integer") && !has(both, "integer")) both.push_back("integer");
  return both;
}

Json as_list(const Json& value) { return value.is_array() ? value : Json::array({value}); }

// A schema that is closed beside one that names other properties would need a rule for each of them.
void check_closed(const Json& a, const Json& b, const std::string& place) {
  const auto closed = a.find("additionalProperties");
  if (closed == a.end() || *closed != false || !b.contains("properties")) return;
  for (const auto& [name, schema] : b["properties"].items())
    if (!a.contains("properties") || !a["properties"].contains(name))
      fail_at(
          ErrorKind::input, place,
          "'additionalProperties' is false beside a schema with the property '{}', which is not supported",
          name);
}

}  // namespace

const Json& SchemaResolver::target(const std::string& reference, const std::string& place) const {
  if (reference.empty() || reference[0] != '#' || (reference.size() > 1 && reference[1] != '/'))
    fail_at(ErrorKind::input, place, "'$ref' to '{}': only places in the same schema, '#/…', are supported",
            reference);
  try {
    return root_.at(Json::json_pointer(reference.substr(1)));
  } catch (const Json::exception&) {
    fail_at(ErrorKind::input, place, "'$ref' to '{}', which is not there", reference);
  }
}

Json SchemaResolver::flat(const Json& schema, const std::string& place, int depth) const {
  if (depth > kDepth) fail_at(ErrorKind::input, place, "'$ref' or 'allOf' refers to itself");
  if (!schema.is_object()) return schema;
  Json rest = schema;
  rest.erase("$ref");
  rest.erase("allOf");
  if (const auto reference = schema.find("$ref"); reference != schema.end()) {
    if (!reference->is_string()) fail_at(ErrorKind::input, place, "'$ref' should be a string");
    rest = both(flat(target(reference->get<std::string>(), place), place, depth + 1), rest, place);
  }
  if (const auto parts = schema.find("allOf"); parts != schema.end()) {
    if (!parts->is_array()) fail_at(ErrorKind::input, place, "'allOf' should be a list");
    for (const auto& part : *parts) rest = both(rest, flat(part, place, depth + 1), place);
  }
  return rest;
}

Json SchemaResolver::both(const Json& a, const Json& b, const std::string& place) const {
  if (a == false || b == false) return false;
  if (!a.is_object()) return b;
  if (!b.is_object()) return a;
  if (a.contains("$ref") || a.contains("allOf") || b.contains("$ref") || b.contains("allOf"))
    return both(flat(a, place), flat(b, place), place);
  check_closed(a, b, place);
  check_closed(b, a, place);
  Json result = a;
  for (const auto& [keyword, value] : b.items()) {
    const auto mine = result.find(keyword);
    if (mine == result.end()) {
      result[keyword] = value;
    } else if (*mine != value && !is_annotation(keyword)) {
      *mine = both_values(keyword, *mine, value, place);
    }
  }
  return result;
}

Json SchemaResolver::both_values(const std::string& keyword, const Json& a, const Json& b,
                                 const std::string& place) const {
  const auto is = [&](std::initializer_list<const char*> names) {
    return std::find(names.begin(), names.end(), keyword) != names.end();
  };
  if (keyword == "type") return common(as_list(a), as_list(b));
  if (keyword == "enum" && a.is_array() && b.is_array()) return common(a, b);
  if (is({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}) && a.is_number() &&
      b.is_number())
    return a > b ? a : b;
  if (is({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}) && a.is_number() &&
      b.is_number())
    return a < b ? a : b;
  if (is({"items", "additionalProperties", "additionalItems"})) return both(a, b, place);
  if (keyword == "required" && a.is_array() && b.is_array()) {
    Json names = a;
    for (const auto& name : b)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    return names;
  }
  if (is({"properties", "patternProperties"}) && a.is_object() && b.is_object()) {
    Json properties = a;
    for (const auto& [name, schema] : b.items())
      properties[name] = properties.contains(name) ? both(properties[name], schema, place) : schema;
    return properties;
  }
  fail_at(ErrorKind::input, place, "two different '{}' at one place are not supported", keyword);
}

std::vector<std::string> SchemaResolver::types(const Json& schema, const std::string& place) {
  constexpr std::array kTypes = {"object", "array", "string", "number", "integer", "boolean", "null"};
  constexpr std::pair<const char*, const char*> kImplied[] = {{"properties", "object"},
                                                              {"required", "object"},
                                                              {"additionalProperties", "object"},
                                                              {"patternProperties", "object"},
                                                              {"minProperties", "object"},
                                                              {"maxProperties", "object"},
                                                              {"items", "array"},
                                                              {"prefixItems", "array"},
                                                              {"minItems", "array"},
                                                              {"maxItems", "array"},
                                                              {"pattern", "string"},
                                                              {"minLength", "string"},
                                                              {"maxLength", "string"},
                                                              {"format", "string"},
                                                              {"minimum", "number"},
                                                              {"maximum", "number"},
                                                              {"exclusiveMinimum", "number"},
                                                              {"exclusiveMaximum", "number"}};
  std::vector<std::string> found;
  const auto add = [&](const std::string& type) {
    if (std::find(found.begin(), found.end(), type) == found.end()) found.push_back(type);
  };
  if (const auto named = schema.find("type"); named != schema.end()) {
    for (const auto& type : as_list(*named)) {
      if (!type.is_string() ||
          std::find(kTypes.begin(), kTypes.end(), type.get<std::string>()) == kTypes.end())
        fail_at(ErrorKind::input, place, "there is no 'type' {}", type.dump());
      add(type.get<std::string>());
    }
    if (found.size() > 1 && std::find(found.begin(), found.end(), "number") != found.end())
      std::erase(found, "integer");
    return found;
  }
  for (const auto& [keyword, type] : kImplied)
    if (schema.contains(keyword)) add(type);
  return found.empty() ? std::vector<std::string>(kTypes.begin(), kTypes.end()) : found;
}

}  // namespace millrace
