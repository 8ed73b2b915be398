#include "decoders/constraint/schema_exclusion.h"

#include <algorithm>
#include <optional>

namespace millrace {
namespace {

using Json = SchemaResolver::Json;
constexpr int kDepth = 8;

std::optional<Json> listed_values(const Json& schema) {
  if (schema.contains("const")) return Json::array({schema["const"]});
  if (schema.contains("enum")) return schema["enum"];
  return std::nullopt;
}

bool has(const Json& list, const Json& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string type_of(const Json& value) {
  if (value.is_number_integer()) return "integer";
  return value.is_number() ? "number" : value.type_name();
}

// The types that a value of the schema may have, where it says so.
std::optional<std::vector<std::string>> possible_types(const Json& schema) {
  if (const auto values = listed_values(schema)) {
    std::vector<std::string> types;
    for (const auto& value : *values) types.push_back(type_of(value));
    return types;
  }
  if (!schema.contains("type")) return std::nullopt;
  return SchemaResolver::types(schema, "schema#");
}

bool same(const std::string& a, const std::string& b) {
  return a == b || (a == "integer" && b == "number") || (a == "number" && b == "integer");
}

bool have_no_type_in_common(const Json& a, const Json& b) {
  const auto of_a = possible_types(a), of_b = possible_types(b);
  if (!of_a || !of_b) return false;
  return std::none_of(of_a->begin(), of_a->end(), [&](const auto& type) {
    return std::any_of(of_b->begin(), of_b->end(), [&](const auto& other) { return same(type, other); });
  });
}

}  // namespace

bool exclude_each_other(const Json& a, const Json& b, const SchemaResolver& resolver, int depth) {
  if (a == false || b == false) return true;
  if (!a.is_object() || !b.is_object() || depth > kDepth) return false;
  if (have_no_type_in_common(a, b)) return true;
  const auto of_a = listed_values(a), of_b = listed_values(b);
  if (of_a && of_b)
    return std::none_of(of_a->begin(), of_a->end(), [&](const Json& value) { return has(*of_b, value); });
  if (!a.contains("properties") || !b.contains("properties")) return false;
  // Only objects may fit both from here on, and only if "type" says so in one of them.
  if (a.value("type", Json()) != "object" && b.value("type", Json()) != "object") return false;
  for (const auto& [name, schema] : a["properties"].items()) {
    if (!b["properties"].contains(name) || !has(a.value("required", Json::array()), name) ||
        !has(b.value("required", Json::array()), name))
      continue;
    if (exclude_each_other(resolver.flat(schema, "schema#"), resolver.flat(b["properties"][name], "schema#"),
                           resolver, depth + 1))
      return true;
  }
  return false;
}

}  // namespace millrace
