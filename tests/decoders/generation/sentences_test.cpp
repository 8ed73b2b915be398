#include "decoders/generation/sentences.h"

#include <gmock/gmock.h>

namespace millrace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> all(const std::string& text, size_t step) {
  Sentences sentences;
  std::vector<std::string> found;
  for (size_t i = 0; i < text.size(); i += step)
    for (std::string& sentence : sentences.push(text.substr(i, step))) found.push_back(std::move(sentence));
  if (auto rest = sentences.finish(); !rest.empty()) found.push_back(std::move(rest));
  return found;
}

TEST(Sentences, EndAtTheSpaceAfterAFullStopHoweverTheyCome) {
  for (const size_t step : {1, 2, 5, 100})
    EXPECT_THAT(all("It is 3.14. Really?! \"Yes.\" So be it", step),
                ElementsAre("It is 3.14. ", "Really?! ", "\"Yes.\" ", "So be it"));
}

TEST(Sentences, AreGivenAsSoonAsTheyAreComplete) {
  Sentences sentences;
  EXPECT_THAT(sentences.push("One."), IsEmpty());
  EXPECT_THAT(sentences.push(" Two"), ElementsAre("One. "));
  EXPECT_EQ(sentences.finish(), "Two");
  EXPECT_EQ(sentences.finish(), "");
}

TEST(Sentences, LinesAndWideStopsEndThem) {
  EXPECT_THAT(all("- one\n- two\n", 3), ElementsAre("- one\n", "- two\n"));
  EXPECT_THAT(all("你好。再见！", 100), ElementsAre("你好。", "再见！"));
}

TEST(Sentences, LongOnesAreCutBetweenWordsOrCharacters) {
  Sentences words(10);
  EXPECT_THAT(words.push("one two three four"), ElementsAre("one two "));
  Sentences wide(10);
  EXPECT_THAT(wide.push("一二三四"), ElementsAre("一二三"));
}

}  // namespace
}  // namespace millrace
