#include "decoders/constraint/regex_grammar.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "decoders/constraint/schema_grammar.h"

namespace millrace {
namespace {

using ::testing::HasSubstr;

void expect(const char* pattern, std::vector<std::string> fits, std::vector<std::string> others) {
  const auto grammar = regex_grammar(pattern);
  for (const auto& text : fits) EXPECT_TRUE(grammar_fits(grammar, text)) << pattern << " " << text;
  for (const auto& text : others) EXPECT_FALSE(grammar_fits(grammar, text)) << pattern << " " << text;
}

TEST(RegexGrammar, FitsFromEndToEnd) {
  expect("abc", {"abc"}, {"", "ab", "abcd", "xabc"});
  expect("", {""}, {"a"});
  expect("a|bc|", {"a", "bc", ""}, {"b", "abc"});
  expect("(?:ab)+c?", {"ab", "ababc"}, {"", "c", "aab"});
  expect("(?P<year>\\d{4})-\\d{2}", {"2024-05"}, {"24-05"});
  expect("a{2}b{1,}c{0,2}?", {"aab", "aabbcc"}, {"ab", "aa", "aabccc"});
  expect("a{,2}x", {"x", "aax"}, {"aaax"});
  expect("a{x}", {"a{x}"}, {"a"});
  expect("[^a-c\\d]", {"d", "é", "😀", "\n"}, {"a", "1", "", "dd"});
  expect(".", {"x", "é", "😀"}, {"\n", "", "\xE9"});
  expect("[é-ü]+", {"éêü"}, {"e", "ý"});
  expect("\\u00e9\\x41\\n\\.", {"éA\n."}, {"éA\nx"});
  expect("\\u{1F600}[\\w-]\\s", {"😀- ", "😀_\t"}, {"😀é "});
  expect("[\\]\\\\-]+", {"]\\-"}, {"["});
}

std::string error_of(const char* pattern) {
  try {
    regex_grammar(pattern, "pattern");
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(RegexGrammar, FaultsNameTheCharacter) {
  EXPECT_EQ(error_of("ab(c"), "pattern: the pattern has '(' without ')' at character 5");
  EXPECT_THAT(error_of("(?=a)"), HasSubstr("look-ahead"));
  EXPECT_THAT(error_of("(?<!a)b"), HasSubstr("look-behind"));
  EXPECT_THAT(error_of("(a)\\1"), HasSubstr("back references"));
  EXPECT_THAT(error_of("a\\b"), HasSubstr("not supported"));
  EXPECT_THAT(error_of("*a"), HasSubstr("nothing to repeat"));
  EXPECT_THAT(error_of("a)"), HasSubstr("')' without '('"));
  EXPECT_THAT(error_of("[]"), HasSubstr("an empty class"));
  EXPECT_THAT(error_of("^a|b"), HasSubstr("in some alternatives only"));
  EXPECT_THAT(error_of("[a"), HasSubstr("'[' without ']'"));
  EXPECT_THAT(error_of("[b-a]"), HasSubstr("a range"));
  EXPECT_THAT(error_of("a{3,2}"), HasSubstr("below the least"));
  EXPECT_THAT(error_of("a$b"), HasSubstr("'$' before the end"));
  EXPECT_THAT(error_of("\\"), HasSubstr("at the end"));
  EXPECT_THAT(error_of("((a{100}){100}){100}"), HasSubstr("too large"));
  EXPECT_THAT(error_of("\xFF"), HasSubstr("UTF-8"));
}

}  // namespace
}  // namespace millrace
