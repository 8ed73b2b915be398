#include "decoders/constraint/schema_grammar.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json_file.h"

namespace millrace {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

// What the package jsonschema says: tests/golden/constraint/make_schemas.py.
TEST(SchemaGrammar, LetsThroughWhatFits) {
  const auto text =
      read_text(MILLRACE_SOURCE_DIR "/tests/golden/constraint/schemas.json", ErrorKind::internal, 1u << 20);
  for (const auto& schema_case : Json::parse(text)) {
    const auto grammar = schema_grammar(schema_case["schema"]);
    for (const auto& valid : schema_case["valid"])
      EXPECT_TRUE(grammar_fits(grammar, valid.get<std::string>())) << schema_case["schema"] << " " << valid;
    for (const auto& invalid : schema_case["invalid"])
      EXPECT_FALSE(grammar_fits(grammar, invalid.get<std::string>()))
          << schema_case["schema"] << " " << invalid;
  }
}

TEST(SchemaGrammar, WithoutSpacingThereIsOneWayToWriteIt) {
  const auto grammar =
      schema_grammar(Json::parse(R"({"properties": {"a": {"type": "array"}}})"), JsonSpacing::none);
  EXPECT_TRUE(grammar_fits(grammar, R"({"a":[1,2]})"));
  EXPECT_FALSE(grammar_fits(grammar, R"({"a": [1,2]})"));
  EXPECT_FALSE(grammar_fits(grammar, R"({"a":[1, 2]})"));
}

TEST(JsonObjectGrammar, IsAnyObject) {
  const auto grammar = json_object_grammar();
  EXPECT_TRUE(grammar_fits(grammar, R"({"a": [1, {"b": null}], "c": "\u00e9"})"));
  EXPECT_TRUE(grammar_fits(grammar, "{\n    \"a\": 1\n}"));
  EXPECT_FALSE(grammar_fits(grammar, "[]"));
  EXPECT_FALSE(grammar_fits(grammar, "{} "));
}

std::string error_of(const char* schema) {
  try {
    schema_grammar(Json::parse(schema));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    return error.what();
  }
  return "none";
}

TEST(SchemaGrammar, FaultsNameKeywordAndPlace) {
  EXPECT_EQ(error_of(R"({"properties": {"a": {"not": {}}}})"),
            "schema#/properties/a: the keyword 'not' is not supported");
  EXPECT_THAT(error_of(R"({"type": "array", "items": {"multipleOf": 3}})"), HasSubstr("schema#/items"));
  EXPECT_THAT(error_of(R"({"uniqueItems": true})"), HasSubstr("'uniqueItems'"));
  EXPECT_EQ(error_of(R"({"uniqueItems": false})"), "none");
  EXPECT_THAT(error_of(R"({"$ref": "#/$defs/x"})"), HasSubstr("which is not there"));
  EXPECT_THAT(error_of(R"({"$ref": "http://x.org/y"})"), HasSubstr("same schema"));
  EXPECT_THAT(error_of(R"({"$ref": "#"})"), HasSubstr("itself"));
  EXPECT_THAT(error_of(R"({"anyOf": [{"type": "null"}, {"$ref": "#"}]})"), HasSubstr("refers to itself"));
  EXPECT_THAT(error_of(R"({"properties": {"a": {"$ref": "#"}}, "required": ["a"]})"),
              HasSubstr("no finite text"));
  EXPECT_THAT(error_of(R"({"type": "integer", "minimum": 3, "maximum": 2})"), HasSubstr("no finite text"));
  EXPECT_THAT(error_of(R"({"type": "strnig"})"), HasSubstr("strnig"));
  EXPECT_THAT(error_of(R"({"oneOf": [{"type": "integer"}, {"type": "number"}]})"), HasSubstr("'oneOf'"));
  EXPECT_THAT(error_of(R"x({"pattern": "(?=x)"})x"), HasSubstr("schema#/pattern"));
  EXPECT_THAT(error_of(R"({"type": "string", "maxLength": 1000000})"), HasSubstr("too large"));
  EXPECT_THAT(error_of("[]"), HasSubstr("a schema is an object"));
}

}  // namespace
}  // namespace millrace
