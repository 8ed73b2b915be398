#include "base/json_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

using testing::StartsWith;

std::string error_of(std::string_view text) {
  try {
    parse_json(text, "x.json", ErrorKind::model);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    return error.what();
  }
  return "";
}

std::string nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Json, IsWhatNlohmannReads) {
  for (const char* text :
       {"null", "-1", "18446744073709551615", "2.5e3", "\"\\u00e9\\ud83d\\ude00\"", "[]", "{}",
        R"({"a":[1,{"b":[[],{}]},"c"],"d":{"a":null,"b":true},"":-0.0})", " [ 1 , 2 ] ", "\xef\xbb\xbf[1]"})
    EXPECT_EQ(parse_json(text, "x", ErrorKind::model), nlohmann::json::parse(text)) << text;
}

TEST(Json, SaysWhereTheSyntaxIsWrong) {
  EXPECT_THAT(error_of("{\n  \"a\": ,\n}"), StartsWith("x.json:2:8: is not valid JSON: syntax error"));
  EXPECT_THAT(error_of(""), StartsWith("x.json:1:1: is not valid JSON"));
  EXPECT_THAT(error_of("[1] x"), StartsWith("x.json:1:5: is not valid JSON"));
  EXPECT_THAT(error_of("[1,2"), StartsWith("x.json:1:5: is not valid JSON"));
  EXPECT_THAT(error_of("\"\xff\""), StartsWith("x.json:1:2: is not valid JSON"));
  EXPECT_THAT(error_of("\"\\ud800\""), StartsWith("x.json:1:"));
  EXPECT_THAT(error_of("1e999"), StartsWith("x.json:1:"));
}

TEST(Json, SaysWhereKeysAre) {
  KeyPlaces places;
  parse_json("{\"a\": 1,\n  \"b\": {\"a\": [{\"x\": 1}],\n\"c\": {}}, \"d\": 2}", "x", ErrorKind::model,
             &places);
  EXPECT_EQ(places,
            (KeyPlaces{{"a", "x:1:2"}, {"b", "x:2:3"}, {"b.a", "x:2:9"}, {"b.c", "x:3:1"}, {"d", "x:3:11"}}));
}

TEST(Json, RefusesAKeyTwice) {
  EXPECT_EQ(error_of("{\"a\": 1,\n \"b\": {\"a\": 2}, \"a\": 3}"),
            "x.json:2:19: has the key 'a' twice in one object");
}

TEST(Json, RefusesDeepNesting) {
  EXPECT_EQ(error_of(nested(limits::kDepth)), "");
  EXPECT_EQ(error_of(nested(limits::kDepth + 1)), "x.json:1:65: is nested more than 64 deep");
  EXPECT_THAT(error_of(std::string(1 << 20, '[')), StartsWith("x.json:1:65: is nested"));
  std::string objects;
  for (int i = 0; i < 1000; ++i) objects += "{\"a\":";
  EXPECT_THAT(error_of(objects), StartsWith("x.json:1:321: is nested"));
}

TEST(Json, RefusesEveryBeginning) {
  const std::string whole = R"({"a": [1.5, "\u00e9", true], "b": {"c": null}})";
  EXPECT_EQ(error_of(whole), "");
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_NE(error_of(whole.substr(0, size)), "") << size;
}

TEST(Json, ReadsNoMoreThanAsked) {
  const TemporaryFolder folder;
  const auto file = folder.write("a.json", "[1, 2]");
  EXPECT_EQ(read_json(file, ErrorKind::model, 6).size(), 2u);
  try {
    read_json(file, ErrorKind::model, 5);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), file.string() + ": is 6 bytes long; at most 5 are read");
  }
  EXPECT_THROW(read_json(folder.path() / "none.json", ErrorKind::model, 5), Error);
}

}  // namespace
}  // namespace millrace
