#include "base/utf8.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(Utf8, EveryCharacterComesBack) {
  for (char32_t code = 0; code < 0x110000; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;
    std::string text;
    utf8::append(text, code);
    ASSERT_TRUE(utf8::is_valid(text));
    const auto [decoded, size] = utf8::decode_at(text, 0);
    ASSERT_EQ(decoded, code);
    ASSERT_EQ(size, text.size());
    ASSERT_EQ(utf8::sanitized(text), text);
  }
}

// The expected texts are what bytes.decode("utf-8", errors="replace") gives in Python.
TEST(Utf8, ReplacesEachLongestPartOfACharacterOnce) {
  const std::string r(utf8::kReplacement);
  EXPECT_EQ(utf8::sanitized("a\x80z"), "a" + r + "z");
  EXPECT_EQ(utf8::sanitized("\xC0\xAF"), r + r);          // overlong
  EXPECT_EQ(utf8::sanitized("\xED\xA0\x80"), r + r + r);  // a surrogate
  EXPECT_EQ(utf8::sanitized("\xE2\x82z"), r + "z");       // two of three bytes
  EXPECT_EQ(utf8::sanitized("\xF0\x9F\x98"), r);          // three of four
  EXPECT_EQ(utf8::sanitized("\xF0\x9F\x98\xF0\x9F"), r + r);
  EXPECT_EQ(utf8::sanitized("\xF4\x90\x80\x80"), r + r + r + r);  // above U+10FFFF
  EXPECT_EQ(utf8::sanitized("\xF8\x88\x80\x80\x80"), r + r + r + r + r);
}

TEST(Utf8, TellsCutFromInvalid) {
  using Kind = utf8::Sequence::Kind;
  EXPECT_EQ(utf8::sequence_at("\xE2\x82", 0).kind, Kind::cut);
  EXPECT_EQ(utf8::sequence_at("\xE2\x82", 0).size, 2);
  EXPECT_EQ(utf8::sequence_at("\xE2\x41", 0).kind, Kind::invalid);
  EXPECT_EQ(utf8::sequence_at("\x82", 0).kind, Kind::invalid);
  EXPECT_EQ(utf8::sequence_at("\xE2\x82\xAC", 0).kind, Kind::whole);
}

}  // namespace
}  // namespace millrace
