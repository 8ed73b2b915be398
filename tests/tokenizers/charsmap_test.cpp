#include "tokenizers/charsmap.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tokenizers/text_normalizer.h"

namespace millrace {
namespace {

// What a real one does, the goldens of components.json say.
TEST(Charsmap, DamageIsAnErrorOrChangesNothing) {
  EXPECT_THROW(Charsmap(""), Error);
  EXPECT_THROW(Charsmap(std::string_view("\x08\0\0\0abcd", 8)), Error);
  EXPECT_THROW(Charsmap(std::string_view("\x03\0\0\0abc", 7)), Error);
  std::string text = "abc";
  Charsmap(std::string_view("\0\0\0\0", 4)).apply(text);
  EXPECT_EQ(text, "abc");
  uint32_t random = 1;
  for (int round = 0; round < 300; ++round) {
    std::string bytes = {64, 0, 0, 0};
    for (int i = 0; i < 80; ++i) {
      random = random * 1664525 + 1013904223;
      bytes += static_cast<char>(i < 64 ? random >> 24 & random >> 16 : 'a');
    }
    text = "abc\xC3\xA9 \r\n";
    Charsmap(bytes).apply(text);
  }
}

// Metaspace's scheme "first" asks whether the first character is still there.
TEST(TextNormalizer, TellsWhatIsLeftOfTheFirstCharacter) {
  const auto head_after = [](const nlohmann::json& spec, std::string text, size_t head) {
    make_normalizer({spec, "n"})->apply(text, head);
    return head;
  };
  using json = nlohmann::json;
  const json strip = {{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}};
  EXPECT_EQ(head_after(strip, "a ", 1), 1u);
  EXPECT_EQ(head_after(strip, " a", 1), 0u);
  EXPECT_EQ(head_after({{"type", "Prepend"}, {"prepend", "\u2581"}}, "a", 1), 4u);
  EXPECT_EQ(head_after({{"type", "Prepend"}, {"prepend", "\u2581"}}, "a", 0), 0u);
  EXPECT_EQ(head_after({{"type", "NFD"}}, "\u00e9a", 2), 3u);
  EXPECT_EQ(head_after({{"type", "NFC"}}, "e\u0301", 1), 2u);
  EXPECT_EQ(head_after({{"type", "StripAccents"}}, "\u0301a", 2), 0u);
  const auto replace = [](const char* from, const char* to) {
    return json{{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}};
  };
  EXPECT_EQ(head_after(replace(" ", "\u2581"), " a", 1), 3u);
  EXPECT_EQ(head_after(replace("  ", " "), "  a", 1), 0u);
  EXPECT_EQ(head_after(replace("b", " "), "ab", 1), 1u);
}

}  // namespace
}  // namespace millrace
