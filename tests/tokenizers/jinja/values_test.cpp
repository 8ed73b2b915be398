// What Python 3.11 and Jinja2 3.1.6 give.
#include <gtest/gtest.h>

#include "tests/tokenizers/jinja/rendering.h"
#include "tokenizers/jinja/globals.h"

namespace millrace {
namespace {

TEST(TemplateValues, Arithmetic) {
  EXPECT_EQ(value_of("7 // 2, -7 // 2, 7 % -3, -7.5 % 2, 2 ** -1, 2 ** 10, 1 / 2, true + 1"),
            "(3, -4, -2, 0.5, 0.5, 1024, 0.5, 2)");
  EXPECT_EQ(value_of("-2 ** 2, 2 ** 3 ** 2, 1e16, 1e15, 1e-5, 0.0001, 100.0, -0.0"),
            "(4, 64, 1e+16, 1000000000000000.0, 1e-05, 0.0001, 100.0, -0.0)");
  EXPECT_EQ(value_of("1 // 0"), "input: t:1:4: integer division or modulo by zero");
  EXPECT_EQ(value_of("9223372036854775807 + 1"), "input: t:1:4: a whole number grew beyond 64 bits");
  EXPECT_EQ(value_of("'a' + 1"), "input: t:1:4: can only concatenate str (not \"int\") to str");
  EXPECT_EQ(value_of("1 < 'a'"), "input: t:1:4: '<' not supported between instances of 'int' and 'str'");
}

TEST(TemplateValues, Representation) {
  EXPECT_EQ(value_of("x", {{"x", {{"b", 1}, {"a", {1.5, nullptr, true, "it's"}}}}}),
            "{'b': 1, 'a': [1.5, None, True, \"it's\"]}");
  EXPECT_EQ(value_of("['q\"q', 'both\\'\"', '\\n\\t\\\\\\x7f', '\\u200b', 'é😀']"),
            "['q\"q', 'both\\'\"', '\\n\\t\\\\\\x7f', '\\u200b', 'é😀']");
  EXPECT_EQ(value_of("(1,), (), [], {}, {'a': 1}.items(), range(3), missing"),
            "((1,), (), [], {}, dict_items([('a', 1)]), range(0, 3), Undefined)");
}

TEST(TemplateValues, StringsAreCodePoints) {
  const nlohmann::ordered_json variables = {{"s", "wörld😀"}};
  EXPECT_EQ(value_of("s|length, s[1], s[-1], s[::-1], s[1:3], s.find('r'), s.upper()", variables),
            "(6, 'ö', '😀', '😀dlröw', 'ör', 2, 'WÖRLD😀')");
  EXPECT_EQ(value_of("'straße'.upper(), 'ΑΣ'.lower(), 'ǆ'.title(), 'ﬁx'.capitalize(), 'İ'.lower()|length"),
            "('STRASSE', 'ας', 'ǅ', 'Fix', 2)");
}

TEST(TemplateValues, UndefinedPrintsAsNothingAndFailsElse) {
  EXPECT_EQ(rendered("[{{ x }}{{ x|list }}{{ x is defined }}{{ 1 if x else 2 }}]"), "[[]False2]");
  EXPECT_EQ(value_of("x.y"), "input: t:1:6: 'x' is undefined");
  EXPECT_EQ(value_of("x + 1"), "input: t:1:4: 'x' is undefined");
  EXPECT_EQ(value_of("[1][3].y"), "input: t:1:11: list object has no element 3");
}

TEST(TemplateValues, TheSandboxKeepsListsAndMappingsAsTheyAre) {
  EXPECT_EQ(value_of("[].append(1)"),
            "input: t:1:7: access to attribute 'append' of 'list' object is unsafe.");
  EXPECT_EQ(value_of("{}.update({})"),
            "input: t:1:7: access to attribute 'update' of 'dict' object is unsafe.");
  EXPECT_EQ(value_of("''.__class__.__mro__"),
            "input: t:1:17: access to attribute '__class__' of 'str' object is unsafe.");
  EXPECT_EQ(value_of("{'items': 1}.items is callable, {'items': 1}['items']"), "(True, 1)");
}

TEST(TemplateValues, Json) {
  EXPECT_EQ(value_of("{'a': [1, 2.0, none, true], 'é': '\"\\n<\\u2028'}|tojson"),
            "{\"a\": [1, 2.0, null, true], \"é\": \"\\\"\\n<\u2028\"}");
  EXPECT_EQ(value_of("{'b': [], 'a': {'c': 1}}|tojson(indent=2, sort_keys=true)"),
            "{\n  \"a\": {\n    \"c\": 1\n  },\n  \"b\": []\n}");
  EXPECT_EQ(value_of("{'a': '😀'}|tojson(ensure_ascii=true, separators=(',', ':'))"),
            "{\"a\":\"\\ud83d\\ude00\"}");
  EXPECT_EQ(value_of("x|tojson"), "input: t:1:6: Object of type Undefined is not JSON serializable");
}

TEST(TemplateValues, Formatting) {
  EXPECT_EQ(
      value_of(
          "'%5.1f|%-4s|%04d|%x|%(a)s' % {'a': 1} if false else '%5.1f|%-4s|%04d|%x' % (2.55, 'é', -3, 255)"),
      "  2.5|é   |-003|ff");
  EXPECT_EQ(value_of("'{:>6}|{:^7,}|{:+.2e}|{!r}|{k[a]}'.format('é', 1234, 1.5, 'x', k={'a': 1})"),
            "     é| 1,234 |+1.50e+00|'x'|1");
  EXPECT_EQ(value_of("'%s %s' % ('a',)"), "input: t:1:4: not enough arguments for format string");
}

TEST(TemplateValues, GeneratorsAreReadOnce) {
  EXPECT_EQ(rendered("{% set g = [1, 2]|map('string') %}{{ g|first }}{{ g|list }}{{ g|list }}{{ 1 if g }}"),
            "1['2'][]1");
  EXPECT_EQ(value_of("[1]|select|length"), "input: t:1:15: object of type 'generator' has no len()");
}

TEST(TemplateValues, Time) {
  std::tm time{};
  time.tm_year = 124, time.tm_mon = 6, time.tm_mday = 26, time.tm_hour = 9, time.tm_wday = 5;
  EXPECT_EQ(jinja::format_time("%d %b %Y %H:%M:%S.%f %A %%z%z", time, 42),
            "26 Jul 2024 09:00:00.000042 Friday %z");
  EXPECT_EQ(jinja::format_time("", time), "");
  EXPECT_EQ(value_of("strftime_now('%Y')|int > 2000"), "True");
}

}  // namespace
}  // namespace millrace
