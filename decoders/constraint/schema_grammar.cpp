#include "decoders/constraint/schema_grammar.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "base/utf8.h"
#include "decoders/constraint/grammar_automaton.h"
#include "decoders/constraint/number_range.h"
#include "decoders/constraint/regex_grammar.h"
#include "decoders/constraint/schema_exclusion.h"
#include "decoders/constraint/schema_resolver.h"
#include "decoders/constraint/string_formats.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;
using Piece = GrammarBuilder::Piece;
using Rule = GrammarBuilder::Rule;
constexpr int kDepth = 200;
constexpr int64_t kMostCounted = 1'000'000;

// With what there is nothing to be done, unless it says nothing: null here stands for "whatever it says".
const std::pair<const char*, Json> kUnsupported[] = {
    {"not", nullptr},
    {"if", nullptr},
    {"then", nullptr},
    {"else", nullptr},
    {"contains", nullptr},
    {"minContains", nullptr},
    {"maxContains", nullptr},
    {"uniqueItems", false},
    {"multipleOf", nullptr},
    {"dependentRequired", nullptr},
    {"dependentSchemas", nullptr},
    {"dependencies", nullptr},
    {"propertyNames", nullptr},
    {"unevaluatedProperties", true},
    {"unevaluatedItems", true},
    {"$dynamicRef", nullptr},
    {"$recursiveRef", nullptr},
};

// What says nothing about the values beside an enum or const.
bool is_about_values(const std::string& keyword) {
  static const std::set<std::string> kAbout = {"properties",
                                               "required",
                                               "additionalProperties",
                                               "patternProperties",
                                               "minProperties",
                                               "maxProperties",
                                               "items",
                                               "prefixItems",
                                               "minItems",
                                               "maxItems",
                                               "minLength",
                                               "maxLength",
                                               "pattern",
                                               "format",
                                               "minimum",
                                               "maximum",
                                               "exclusiveMinimum",
                                               "exclusiveMaximum",
                                               "anyOf",
                                               "oneOf"};
  return kAbout.contains(keyword);
}

class SchemaCompiler {
 public:
  SchemaCompiler(const Json& root, JsonSpacing spacing)
      : root_(root), resolver_(root), spacing_(spacing), json_(builder_, spacing) {}

  Grammar grammar(const Json& schema) {
    const Rule rule = builder_.declare();
    if (&schema == &root_) references_["#"] = rule;
    builder_.define(rule, written(schema, "schema#", 0));
    return builder_.finish(rule);
  }

 private:
  Piece value(const Json& schema, const std::string& place, int depth) {
    if (schema.is_object() && schema.size() >= 1 && schema.contains("$ref")) {
      const bool alone = std::none_of(schema.items().begin(), schema.items().end(), [](const auto& item) {
        return item.key() != "$ref" &&
               (is_about_values(item.key()) || item.key() == "type" || item.key() == "enum" ||
                item.key() == "const" || item.key() == "allOf");
      });
      if (alone && schema["$ref"].is_string()) return builder_.call(reference(schema["$ref"], place, depth));
    }
    // A rule of its own: what is allowed inside is worked out once, wherever it stands.
    const Rule rule = builder_.declare();
    builder_.define(rule, written(schema, place, depth));
    return builder_.call(rule);
  }

  Rule reference(const std::string& target, const std::string& place, int depth) {
    const auto found = references_.find(target);
    if (found != references_.end()) return found->second;
    const Rule rule = builder_.declare();
    references_[target] = rule;
    builder_.define(rule, written(resolver_.target(target, place), "schema" + target, depth + 1));
    return rule;
  }

  Piece written(const Json& original, const std::string& place, int depth) {
    if (depth > kDepth) fail_at(ErrorKind::input, place, "the schema is nested too deeply");
    if (original.is_object())
      for (const auto& [keyword, neutral] : kUnsupported)
        if (original.contains(keyword) && (neutral.is_null() || original[keyword] != neutral))
          fail_at(ErrorKind::input, place, "the keyword '{}' is not supported", keyword);
    const Json schema = resolver_.flat(original, place);
    if (schema == true) return json_.value();
    if (schema == false) return builder_.impossible();
    if (!schema.is_object()) fail_at(ErrorKind::input, place, "a schema is an object, true or false");
    for (const auto& [keyword, neutral] : kUnsupported)  // those of $ref and allOf
      if (schema.contains(keyword) && (neutral.is_null() || schema[keyword] != neutral))
        fail_at(ErrorKind::input, place, "the keyword '{}' is not supported", keyword);
    if (schema.contains("const")) return listed_values(schema, Json::array({schema["const"]}), place);
    if (schema.contains("enum")) {
      if (!schema["enum"].is_array()) fail_at(ErrorKind::input, place, "'enum' should be a list");
      return listed_values(schema, schema["enum"], place);
    }
    for (const char* keyword : {"anyOf", "oneOf"})
      if (schema.contains(keyword)) return alternatives(schema, keyword, place, depth);
    std::vector<Piece> ways;
    for (const auto& type : SchemaResolver::types(schema, place))
      ways.push_back(of_type(type, schema, place, depth));
    return builder_.any_of(ways);
  }

  Piece listed_values(const Json& schema, const Json& values, const std::string& place) {
    Json rest = schema;
    rest.erase("const");
    const bool both = schema.contains("const") && schema.contains("enum");
    if (!both) rest.erase("enum");
    const bool checks = both || std::any_of(rest.items().begin(), rest.items().end(), [](const auto& item) {
                          return is_about_values(item.key()) || item.key() == "type";
                        });
    std::optional<Grammar> grammar;
    if (checks) grammar = fitting(rest);
    std::vector<Piece> ways;
    for (const auto& value : values)
      if (!checks || (grammar && grammar_fits(*grammar, value.dump())))
        ways.push_back(builder_.literal(dumped(value, place)));
    return builder_.any_of(ways);
  }

  // The grammar of what else is said of an enum's values, if anything fits that.
  std::optional<Grammar> fitting(const Json& rest) {
    SchemaCompiler compiler(root_, JsonSpacing::none);
    const Rule rule = compiler.builder_.declare();
    // Always completable, so that nothing that fits is no error here.
    compiler.builder_.define(rule, compiler.builder_.any_of({compiler.written(rest, "schema#", 0),
                                                             compiler.builder_.literal("\n")}));
    return compiler.builder_.finish(rule);
  }

  static std::string dumped(const Json& value, const std::string& place) {
    try {
      return value.dump();
    } catch (const Json::exception&) {
      fail_at(ErrorKind::input, place, "a value is not valid UTF-8");
    }
  }

  Piece alternatives(const Json& schema, const std::string& keyword, const std::string& place, int depth) {
    const Json& list = schema[keyword];
    if (!list.is_array() || list.empty()) fail_at(ErrorKind::input, place, "'{}' should be a list", keyword);
    Json rest = schema;
    rest.erase(keyword);
    const bool alone = std::none_of(rest.items().begin(), rest.items().end(), [](const auto& item) {
      return is_about_values(item.key()) || item.key() == "type";
    });
    std::vector<Piece> ways;
    std::vector<Json> flat;
    for (size_t i = 0; i < list.size(); ++i) {
      const std::string here = fmt::format("{}/{}/{}", place, keyword, i);
      ways.push_back(value(alone ? list[i] : resolver_.both(rest, list[i], here), here, depth + 1));
      if (keyword == "oneOf") flat.push_back(resolver_.flat(resolver_.both(rest, list[i], here), here));
    }
    for (size_t i = 0; i < flat.size(); ++i)
      for (size_t j = i + 1; j < flat.size(); ++j)
        if (!exclude_each_other(flat[i], flat[j], resolver_))
          fail_at(ErrorKind::input, place,
                  "'oneOf' whose alternatives {} and {} may both fit is not supported: say anyOf, or tell "
                  "them apart "
                  "by a required property with a const",
                  i, j);
    return builder_.any_of(ways);
  }

  Piece of_type(const std::string& type, const Json& schema, const std::string& place, int depth) {
    if (type == "null") return builder_.literal("null");
    if (type == "boolean") return builder_.any_of({builder_.literal("true"), builder_.literal("false")});
    if (type == "string") return string(schema, place);
    if (type == "object") return object(schema, place, depth);
    if (type == "array") return array(schema, place, depth);
    return number(schema, type == "integer", place);
  }

  int64_t count(const Json& schema, const char* keyword, int64_t otherwise, const std::string& place) const {
    const auto found = schema.find(keyword);
    if (found == schema.end()) return otherwise;
    const double value = found->is_number() ? found->get<double>() : -1;
    if (value < 0 || value != std::floor(value))
      fail_at(ErrorKind::input, place, "'{}' should be a whole number, 0 or more", keyword);
    return static_cast<int64_t>(std::min<double>(value, kMostCounted));
  }

  std::optional<int64_t> most(const Json& schema, const char* keyword, const std::string& place) const {
    if (!schema.contains(keyword)) return std::nullopt;
    return count(schema, keyword, 0, place);
  }

  Piece string(const Json& schema, const std::string& place) {
    const int64_t least = count(schema, "minLength", 0, place);
    const auto longest = most(schema, "maxLength", place);
    std::string pattern = schema.contains("pattern") ? text_of(schema, "pattern", place) : "";
    std::string format = schema.contains("format") ? text_of(schema, "format", place) : "";
    const std::string of_format(format_pattern(format));
    const bool bounded = least > 0 || longest;
    if (schema.contains("pattern") && (bounded || !of_format.empty()))
      fail_at(ErrorKind::input, place, "'pattern' with {} is not supported: say it in the pattern",
              bounded ? "'minLength' or 'maxLength'" : "'format'");
    if (!of_format.empty() && bounded)
      fail_at(ErrorKind::input, place, "'format' with 'minLength' or 'maxLength' is not supported");
    if (!of_format.empty()) return quoted(parse_regex(of_format, place), true);
    if (schema.contains("pattern")) return quoted(parse_regex(pattern, place + "/pattern"), false);
    if (!bounded) return json_.string();
    return json_.string_of_length(least, longest);
  }

  static std::string text_of(const Json& schema, const char* keyword, const std::string& place) {
    if (!schema[keyword].is_string()) fail_at(ErrorKind::input, place, "'{}' should be a string", keyword);
    return schema[keyword].get<std::string>();
  }

  // A string whose characters fit the pattern: somewhere, unless it is anchored.
  Piece quoted(const Regex& regex, bool whole) {
    const auto anything = [&] {
      return builder_.repeated([&] { return json_character(builder_, CharacterSet::all()); }, 0, {});
    };
    std::vector<Piece> parts = {builder_.literal("\"")};
    if (!whole && !regex.from_start) parts.push_back(anything());
    parts.push_back(regex_piece(builder_, regex.node, json_character));
    if (!whole && !regex.to_end) parts.push_back(anything());
    parts.push_back(builder_.literal("\""));
    return builder_.sequence(parts);
  }

  std::optional<DecimalBound> bound(const Json& schema, const char* keyword, bool inclusive,
                                    const std::string& place) const {
    const auto found = schema.find(keyword);
    if (found == schema.end()) return std::nullopt;
    // Draft 4 writes exclusiveMinimum: true beside minimum.
    if (!found->is_number()) fail_at(ErrorKind::input, place, "'{}' should be a number", keyword);
    auto bound = decimal_bound(found->get<double>(), inclusive);
    if (!bound)
      fail_at(ErrorKind::input, place, "'{}' should be below 10^15 and have at most 12 decimals", keyword);
    return bound;
  }

  Piece number(const Json& schema, bool whole_only, const std::string& place) {
    auto low = bound(schema, "minimum", true, place), above = bound(schema, "exclusiveMinimum", false, place);
    auto high = bound(schema, "maximum", true, place),
         below = bound(schema, "exclusiveMaximum", false, place);
    if (above && (!low || schema["exclusiveMinimum"].get<double>() >= schema["minimum"].get<double>()))
      low = above;
    if (below && (!high || schema["exclusiveMaximum"].get<double>() <= schema["maximum"].get<double>()))
      high = below;
    if (!low && !high) return whole_only ? json_.integer() : json_.number();
    return number_between(builder_, low, high, whole_only);
  }

  Piece array(const Json& schema, const std::string& place, int depth) {
    const int64_t least = count(schema, "minItems", 0, place);
    const auto longest = most(schema, "maxItems", place);
    // Drafts before 2020-12 have the first items in "items" and the further ones in "additionalItems".
    const bool old = schema.contains("items") && schema["items"].is_array();
    const Json first = old ? schema["items"] : schema.value("prefixItems", Json::array());
    const Json further =
        old ? schema.value("additionalItems", Json(true)) : schema.value("items", Json(true));
    if (!first.is_array()) fail_at(ErrorKind::input, place, "'prefixItems' should be a list");
    const auto rest = [&] { return value(further, place + "/items", depth + 1); };
    if (first.empty()) {
      if (further == false) return json_.braced('[', json_.listed(rest, least, 0), ']');
      const Rule item = builder_.declare();  // one for all of them
      builder_.define(item, rest());
      return json_.braced('[', json_.listed([&] { return builder_.call(item); }, least, longest), ']');
    }
    return json_.braced('[', tuple(first, further, least, longest, place, depth), ']');
  }

  // The first items each by a schema of their own; the list may end after any, from `least` on.
  Piece tuple(const Json& first, const Json& further, int64_t least, std::optional<int64_t> longest,
              const std::string& place, int depth) {
    const uint32_t end = builder_.add_state();
    Piece whole = builder_.nothing();
    int64_t size = 0;
    const auto append = [&](const Piece& piece) {
      builder_.connect(whole.end, piece.start);
      whole.end = piece.end;
    };
    for (; size < static_cast<int64_t>(first.size()) && (!longest || size < *longest); ++size) {
      if (size >= least) builder_.connect(whole.end, end);
      if (size > 0) append(json_.comma());
      append(
          value(first[static_cast<size_t>(size)], fmt::format("{}/prefixItems/{}", place, size), depth + 1));
    }
    if (further != false && (!longest || size < *longest)) {
      const Rule item = builder_.declare();
      builder_.define(item, value(further, place + "/items", depth + 1));
      const auto one = [&] { return builder_.sequence({json_.comma(), builder_.call(item)}); };
      append(builder_.repeated(one, std::max<int64_t>(least - size, 0),
                               longest ? std::optional(*longest - size) : std::nullopt));
      builder_.connect(whole.end, end);
    } else if (size >= least) {
      builder_.connect(whole.end, end);
    }
    return {whole.start, end};
  }

  Piece object(const Json& schema, const std::string& place, int depth) {
    Json properties = schema.value("properties", Json::object());
    const Json required = schema.value("required", Json::array());
    const Json patterns = schema.value("patternProperties", Json::object());
    if (!properties.is_object()) fail_at(ErrorKind::input, place, "'properties' should be an object");
    if (!required.is_array()) fail_at(ErrorKind::input, place, "'required' should be a list");
    if (!patterns.is_object()) fail_at(ErrorKind::input, place, "'patternProperties' should be an object");
    // Nothing said about further properties: none where some are named, any where none is.
    const bool open_by_default = properties.empty() && patterns.empty();
    const Json further = schema.value("additionalProperties", Json(open_by_default));
    std::set<std::string> needed;
    for (const auto& name : required) {
      if (!name.is_string()) fail_at(ErrorKind::input, place, "'required' should be a list of names");
      needed.insert(name.get<std::string>());
      if (!properties.contains(name.get<std::string>())) {
        if (!patterns.empty())
          fail_at(ErrorKind::input, place, "'required' with 'patternProperties' is not supported");
        properties[name.get<std::string>()] = schema.value("additionalProperties", Json(true));
      }
    }
    const int64_t least = count(schema, "minProperties", 0, place);
    const auto largest = most(schema, "maxProperties", place);
    if (properties.empty()) return map(patterns, further, least, largest, place, depth);
    if (!patterns.empty())
      fail_at(ErrorKind::input, place, "'patternProperties' beside 'properties' is not supported");
    if (least > static_cast<int64_t>(needed.size()))
      fail_at(ErrorKind::input, place, "'minProperties' above the number of required ones is not supported");
    if (largest && (further != false || *largest < static_cast<int64_t>(properties.size())))
      fail_at(ErrorKind::input, place, "'maxProperties' beside 'properties' is not supported");
    return json_.braced('{', members(properties, needed, further, place, depth), '}');
  }

  // An object none of whose properties is named.
  Piece map(const Json& patterns, const Json& further, int64_t least, std::optional<int64_t> largest,
            const std::string& place, int depth) {
    if (least > 1)
      fail_at(ErrorKind::input, place, "'minProperties' above 1 is not supported where no property is named");
    std::vector<std::pair<std::string, Rule>> values;  // by pattern; the last one is of the others
    for (const auto& [pattern, schema] : patterns.items()) {
      values.emplace_back(pattern, builder_.declare());
      builder_.define(values.back().second,
                      value(schema, place + "/patternProperties/" + pattern, depth + 1));
    }
    if (values.size() > 1 || (!patterns.empty() && further != false && schema_says_more(further)))
      fail_at(ErrorKind::input, place,
              "'patternProperties' with several patterns or beside 'additionalProperties' is not supported");
    if (patterns.empty()) {
      if (further == false)
        return json_.braced('{', json_.listed([&] { return builder_.nothing(); }, least, 0), '}');
      values.emplace_back("", builder_.declare());
      builder_.define(values.back().second, value(further, place + "/additionalProperties", depth + 1));
    }
    const auto member = [&] {
      const auto& [pattern, rule] = values[0];
      const Piece key = patterns.empty() ? json_.string()
                                         : quoted(parse_regex(pattern, place + "/patternProperties"), false);
      return builder_.sequence({key, builder_.literal(":"), json_.space(), builder_.call(rule)});
    };
    return json_.braced('{', json_.listed(member, least, largest), '}');
  }

  static bool schema_says_more(const Json& schema) { return schema != true; }

  // Named properties in order, then the further ones.
  Piece members(const Json& properties, const std::set<std::string>& needed, const Json& further,
                const std::string& place, int depth) {
    // States before each property: none written yet, and some.
    uint32_t none = builder_.add_state(), some = builder_.add_state();
    const uint32_t start = none;
    std::vector<std::string> names;
    for (const auto& [name, schema] : properties.items()) {
      names.push_back(name);
      const uint32_t next_none = builder_.add_state(), next_some = builder_.add_state();
      const Piece comma = json_.comma();
      const Piece member =
          builder_.sequence({builder_.literal(dumped(name, place)), builder_.literal(":"), json_.space(),
                             value(schema, fmt::format("{}/properties/{}", place, name), depth + 1)});
      builder_.connect(none, member.start);
      builder_.connect(some, comma.start);
      builder_.connect(comma.end, member.start);
      builder_.connect(member.end, next_some);
      if (!needed.contains(name)) {
        builder_.connect(none, next_none);
        builder_.connect(some, next_some);
      }
      none = next_none;
      some = next_some;
    }
    const uint32_t end = builder_.add_state();
    builder_.connect(none, end);
    builder_.connect(some, end);
    if (further != false) {
      const Piece comma = json_.comma();
      const Piece member =
          builder_.sequence({json_.string_except(names), builder_.literal(":"), json_.space(),
                             value(further, place + "/additionalProperties", depth + 1)});
      builder_.connect(none, member.start);
      builder_.connect(some, comma.start);
      builder_.connect(comma.end, member.start);
      builder_.connect(member.end, some);
    }
    return {start, end};
  }

  const Json& root_;
  SchemaResolver resolver_;
  JsonSpacing spacing_;
  GrammarBuilder builder_;
  JsonPieces json_;
  std::map<std::string, Rule> references_;
};

}  // namespace

Grammar schema_grammar(const Json& schema, JsonSpacing spacing) {
  return SchemaCompiler(schema, spacing).grammar(schema);
}

bool grammar_fits(const Grammar& grammar, std::string_view text) {
  GrammarAutomaton automaton(grammar);
  auto place = automaton.start();
  for (const char byte : text) place = automaton.step(place, static_cast<uint8_t>(byte));
  return automaton.meaning(place).complete;
}

}  // namespace millrace
