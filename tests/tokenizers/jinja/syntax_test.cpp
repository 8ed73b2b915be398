#include <gtest/gtest.h>

#include "tests/tokenizers/jinja/rendering.h"
#include "tokenizers/jinja/budget.h"

namespace millrace {
namespace {

TEST(TemplateSyntax, WhiteSpaceAroundTags) {
  EXPECT_EQ(rendered("a\n  {% if true %}\n  b\n  {% endif %}\nc\n"), "a\n  b\nc");
  EXPECT_EQ(rendered("a \n {%- if true -%} \n b {%- endif %} c"), "ab c");
  EXPECT_EQ(rendered("  {%+ if true +%}\n  b{% endif %}"), "  \n  b");
  EXPECT_EQ(rendered("  {{ 1 }}\n  {# note #}\n{{- 2 -}}\n 3"), "  1\n23");
  EXPECT_EQ(rendered("a\r\nb\rc\n\n"), "a\nb\nc\n");
  EXPECT_EQ(rendered("{% raw %}\n {{ x }} {%- endraw -%}  z"), "\n {{ x }}z");
}

TEST(TemplateSyntax, ErrorsSayWhere) {
  EXPECT_EQ(rendered("a\n{% if x %}"),
            "model: t:2:11: Unexpected end of template. Jinja was looking for the following tags: 'elif' or "
            "'else' or "
            "'endif'. The innermost block that needs to be closed is 'if'.");
  EXPECT_EQ(rendered("{% nonsense %}"), "model: t:1:4: Encountered unknown tag 'nonsense'.");
  EXPECT_EQ(rendered("{{ 1 + }}"), "model: t:1:8: unexpected end of print statement");
  EXPECT_EQ(rendered("\n {{ (1] }}"), "model: t:2:7: unexpected ']', expected ')'");
  EXPECT_EQ(rendered("{{ 'abc }}"), "model: t:1:4: unexpected char \"'\": the string has no end");
  EXPECT_EQ(rendered("{{ a ? b }}"), "model: t:1:6: unexpected char '?'");
  EXPECT_EQ(rendered("{# a"), "model: t:1:1: Missing end of comment tag");
  EXPECT_EQ(rendered("{{ 1|nosuch }}"), "model: t:1:6: No filter named 'nosuch'.");
  EXPECT_EQ(rendered("{{ 1 is nosuch }}"), "model: t:1:9: No test named 'nosuch'.");
  EXPECT_EQ(rendered("{% include 'a' %}"),
            "model: t:1:4: 'include' needs another template; a chat template stands alone");
  EXPECT_EQ(rendered("{{ 99999999999999999999 }}"),
            "model: t:1:4: 99999999999999999999 is too large; whole numbers have 64 bits");
  EXPECT_EQ(rendered("\xFF"), "model: t: is not UTF-8");
  EXPECT_EQ(rendered("{{ a }}\n  {{ a.b.c }}", {{"a", nlohmann::ordered_json::object()}}),
            "input: t:2:10: 'dict object' has no attribute 'b'");
  EXPECT_EQ(rendered("{{ raise_exception('No!') }}"), "input: t:1:4: No!");
}

TEST(TemplateSyntax, UnknownFiltersBelowIfAreMissedOnlyWhenUsed) {
  EXPECT_EQ(rendered("{% if false %}{{ 1|nosuch }}{% endif %}ok"), "ok");
  EXPECT_EQ(rendered("{{ 1|nosuch if false else 2 }}"), "2");
  EXPECT_EQ(rendered("{% if true %}{{ 1|nosuch }}{% endif %}"),
            "input: t:1:19: No filter named 'nosuch' found.");
}

TEST(TemplateSyntax, NestingHasABound) {
  const auto nested = [](size_t depth) {
    return value_of(std::string(depth, '(') + "1" + std::string(depth, ')'));
  };
  EXPECT_EQ(nested(60), "1");
  EXPECT_TRUE(nested(5000).starts_with("model: t:1:")) << nested(5000);
  std::string sum = "1";
  for (int i = 0; i < 500; ++i) sum += " + 1";
  EXPECT_EQ(value_of(sum), "501");
  for (int i = 0; i < 1000; ++i) sum += " + 1";
  EXPECT_TRUE(value_of(sum).starts_with("model: t:1:"));
}

TEST(TemplateBudget, RunawaysEndWithAnError) {
  const auto expect_runaway = [](const std::string& text) {
    const std::string result = rendered(text);
    EXPECT_TRUE(result.starts_with("input: t:1:") && result.ends_with("the template runs away"))
        << result.substr(0, 200);
  };
  expect_runaway("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}");
  expect_runaway(
      "{% set ns = namespace(s='abc') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}");
  expect_runaway("{{ 'a' * 99999999999 }}");
  expect_runaway("{{ [1] * 99999999999 }}");
  expect_runaway("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
  expect_runaway(
      "{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}");
  expect_runaway(
      "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ "
      "ns.l }}");
  expect_runaway(
      "{% set ns = namespace(l=[1]) %}{% for i in range(9999) %}{% set ns.l = ns.l|map('int') %}{% endfor "
      "%}{{ ns.l|list }}");
  expect_runaway("{{ 'aaaa'|replace('', 'b' * 8000000) }}");
  expect_runaway("{{ [1, [2, [3]]]|tojson(indent=9000000) }}");
  EXPECT_EQ(rendered("{{ range(100001) }}"),
            "input: t:1:4: Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
}

TEST(TemplateBudget, ValuesThatHoldThemselvesAreLetGo) {
  EXPECT_EQ(rendered("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}"),
            "<Namespace {'me': <Namespace {...}>}>");
  EXPECT_EQ(rendered("{% set ns = namespace() %}{% for i in [1] %}{% set ns.l = loop.changed %}{{ "
                     "loop.changed(ns) }}{% macro m() %}{% endmacro %}{% set ns.m = m %}{% endfor %}"),
            "True");
}

}  // namespace
}  // namespace millrace
