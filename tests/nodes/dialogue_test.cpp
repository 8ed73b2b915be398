#include "nodes/dialogue.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

std::string told(const Dialogue& dialogue) {
  std::string text;
  for (const auto& message : dialogue.messages())
    text +=
        message["role"].get<std::string>().substr(0, 1) + ":" + message["content"].get<std::string>() + "|";
  return text;
}

TEST(Dialogue, UserAndAssistantTakeTurns) {
  Dialogue dialogue("Be kind.");
  dialogue.say("Hi.");
  dialogue.answer("Hello.");
  dialogue.say("Who");
  dialogue.answer("");  // cancelled before its first word
  dialogue.say("are you?");
  EXPECT_EQ(told(dialogue), "s:Be kind.|u:Hi.|a:Hello.|u:Who are you?|");
  EXPECT_EQ(nlohmann::ordered_json::parse(dialogue.to_json()), dialogue.messages());
}

TEST(Dialogue, ForgetsTheOldestFirstAndTheSystemMessageNever) {
  Dialogue dialogue("S");
  for (const char* number : {"1", "2", "3"}) {
    dialogue.say(std::string("question ") + number);
    dialogue.answer(std::string("answer ") + number);
  }
  dialogue.say("one two three four five six");
  const auto at_most = [](size_t size) {
    return [size](const Dialogue& d) { return told(d).size() <= size; };
  };
  EXPECT_TRUE(dialogue.shorten(at_most(60)));
  EXPECT_EQ(told(dialogue), "s:S|u:question 3|a:answer 3|u:one two three four five six|");
  EXPECT_TRUE(dialogue.shorten(at_most(20)));
  EXPECT_EQ(told(dialogue), "s:S|u:four five six|");
  EXPECT_TRUE(dialogue.shorten(at_most(11)));
  EXPECT_EQ(told(dialogue), "s:S|u:six|");
  EXPECT_FALSE(dialogue.shorten(at_most(3)));
}

TEST(Dialogue, BytesThatAreNoTextDoNotBreakIt) {
  Dialogue dialogue("");
  dialogue.say(
      "a\xff"
      "b");
  EXPECT_TRUE(nlohmann::ordered_json::accept(dialogue.to_json()));
}

}  // namespace
}  // namespace millrace
