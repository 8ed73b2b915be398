#include "nodes/text_compose.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace millrace {
namespace {

Ref<Predictions> labels() {
  return make_ref(
      Predictions{.best = {{1, "tench, Tinca tinca", 0.871}, {2, "eel", 0.11}, {3, "coho", 0.001}}});
}

TextCompose::Out composed(const std::string& text, const TextCompose::In& in,
                          const std::string& system = "") {
  Resources resources;
  return TextCompose({.text = text, .system = system}, resources)(in);
}

TEST(TextCompose, PutsLabelsIntoASentence) {
  EXPECT_EQ(composed("It shows {predictions}.", {.predictions = labels()}).text,
            "It shows tench (87 %), eel (11 %) or coho (under 1 %).");
  EXPECT_EQ(composed("{predictions}", {.predictions = make_ref(Predictions{})}).text, "nothing");
}

TEST(TextCompose, TellsWhereObjectsAre) {
  const Detections two{.objects = {{"cat", {.score = 0.9F, .x0 = 1, .y0 = 2, .x1 = 30.4F, .y1 = 40}},
                                   {"cup", {.score = 0.5F, .x0 = 5, .y0 = 6, .x1 = 7, .y1 = 8}}}};
  EXPECT_EQ(composed("{detections}", {.detections = make_ref(two)}).text,
            "cat (90 %) from 1, 2 to 30, 40 and cup (50 %) from 5, 6 to 7, 8");
}

TEST(TextCompose, IsAMessage) {
  Transcript transcript;
  transcript.text = " What is \"it\"? ";
  const auto out = composed("{transcript}", {.transcript = make_ref(transcript)}, "Be brief.");
  EXPECT_EQ(out.text, "What is \"it\"?");
  EXPECT_EQ(out.conversation,
            R"([{"role":"system","content":"Be brief."},{"role":"user","content":"What is \"it\"?"}])");
}

TEST(TextCompose, SaysWhoseWordsTheyAre) {
  Completion completion{.model = "a/b", .generated = {}};
  completion.generated.text = "It {model} is.\n";
  EXPECT_EQ(composed("{model}: {completion}", {.completion = make_ref(completion)}).text,
            "a/b: It {model} is.");
}

TEST(TextCompose, RefusesNamesWithoutAnInputAndSilence) {
  EXPECT_THROW(composed("{transcript}", {.predictions = labels()}), Error);
  EXPECT_THROW(composed("{label}", {.predictions = labels()}), Error);
  EXPECT_THROW(composed("{transcript}", {.transcript = make_ref(Transcript())}), Error);
  EXPECT_EQ(composed("a { b", {}).text, "a { b");
}

}  // namespace
}  // namespace millrace
