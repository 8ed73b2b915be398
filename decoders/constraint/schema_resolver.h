#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace millrace {

// The parts of a JSON Schema that refer to others, in plain words. Keywords and values that cannot be taken
// together are Error(input) that names them and the place.
class SchemaResolver {
 public:
  using Json = nlohmann::ordered_json;  // properties keep their order

  explicit SchemaResolver(const Json& root) : root_(root) {}

  // What a "$ref" within the document points to ("#", "#/$defs/name").
  const Json& target(const std::string& reference, const std::string& place) const;
  // The schema without $ref (at its outermost) and allOf.
  Json flat(const Json& schema, const std::string& place, int depth = 0) const;
  // What fits both.
  Json both(const Json& a, const Json& b, const std::string& place) const;

  static std::vector<std::string> types(const Json& schema, const std::string& place);

 private:
  Json both_values(const std::string& keyword, const Json& a, const Json& b, const std::string& place) const;

  const Json& root_;
};

}  // namespace millrace
