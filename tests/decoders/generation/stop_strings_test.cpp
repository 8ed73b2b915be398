#include "decoders/generation/stop_strings.h"

#include <gtest/gtest.h>

#include <random>

namespace millrace {
namespace {

TEST(StopStrings, HoldBackWhatMayBeginOne) {
  StopStrings stops({"END", "stop"});
  EXPECT_EQ(stops.add("a E"), "a ");
  EXPECT_EQ(stops.add("N"), "");
  EXPECT_EQ(stops.add("Es"), "ENE");  // of "ENEs" no part but "s" may begin one
  EXPECT_EQ(stops.add("t!"), "st!");
  EXPECT_FALSE(stops.stopped());
  EXPECT_EQ(stops.add("xsto"), "x");
  EXPECT_EQ(stops.finish(), "sto");
}

TEST(StopStrings, CutWhereTheStopBegins) {
  StopStrings stops({"\n\nUser:"});
  EXPECT_EQ(stops.add("Hello\n"), "Hello");
  EXPECT_EQ(stops.add("\n"), "");
  EXPECT_EQ(stops.add("\nUser"), "\n");
  EXPECT_EQ(stops.add(": hi"), "");
  EXPECT_TRUE(stops.stopped());
  EXPECT_EQ(stops.found(), "\n\nUser:");
  EXPECT_EQ(stops.add("more"), "");
  EXPECT_EQ(stops.finish(), "");
}

TEST(StopStrings, TheFirstToBeCompleteCounts) {
  StopStrings stops({"bcd", "abcde", "c"});
  EXPECT_EQ(stops.add("xabcde"), "xab");
  EXPECT_EQ(stops.found(), "c");
  StopStrings longer({"c", "bc"});
  EXPECT_EQ(longer.add("abc"), "a");
}

TEST(StopStrings, WithoutAnyNothingIsHeldBack) {
  StopStrings none({""});
  EXPECT_EQ(none.add("text"), "text");
  EXPECT_EQ(none.finish(), "");
}

// However the text is cut into pieces the outcome is that of a search in the whole.
TEST(StopStrings, AgreeWithASearchInTheWholeText) {
  std::mt19937 random(3);
  const auto text_of = [&](size_t most) {
    std::string text;
    for (size_t n = random() % (most + 1); n > 0; --n) text += static_cast<char>('a' + random() % 2);
    return text;
  };
  for (int round = 0; round < 3000; ++round) {
    const std::vector<std::string> wanted = {text_of(4) + "a", text_of(5) + "b"};
    const std::string text = text_of(30);
    size_t cut = text.size(), end = std::string::npos;
    for (const auto& stop : wanted) {
      const size_t at = text.find(stop);
      if (at == std::string::npos) continue;
      const size_t its_end = at + stop.size();
      if (end == std::string::npos || its_end < end || (its_end == end && at < cut)) cut = at, end = its_end;
    }
    StopStrings stops(wanted);
    std::string given;
    for (size_t at = 0; at < text.size();) {
      const size_t size = 1 + random() % 4;
      given += stops.add(text.substr(at, size));
      at += size;
      ASSERT_EQ(text.compare(0, given.size(), given), 0);
      ASSERT_LE(given.size(), cut);
    }
    ASSERT_EQ(stops.stopped(), end != std::string::npos);
    given += stops.finish();
    ASSERT_EQ(given, text.substr(0, cut));
  }
}

}  // namespace
}  // namespace millrace
