#include "cli/talk_output.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdio>

namespace millrace::cli {
namespace {

struct SetClock final : StreamClock {
  double now() const override { return time; }
  bool wait_until(double, const CancelToken*) override { return true; }
  double time = 0;
};

class TalkOutputTest : public testing::Test {
 protected:
  Heard heard(int64_t turn, const std::string& text, double start, double end) {
    return {.text = text,
            .language = "en",
            .began_at = 1000,
            .utterance = {.turn = {.number = turn}, .ends = true, .start = start, .end = end}};
  }
  void piece(TalkOutput& output, int64_t turn, const std::string& text) {
    output.piece({.text = text, .turn = make_ref(Turn{.number = turn})});
  }
  void completion(TalkOutput& output, int64_t turn, const std::string& text, FinishReason reason) {
    Completion whole;
    whole.model = "m";
    whole.generated.text = text;
    whole.generated.tokens = {1, 2};
    whole.generated.reason = reason;
    whole.generated.prompt_tokens = 9;
    whole.turn = make_ref(Turn{.number = turn});
    output.completion(whole);
  }
  // Two questions, the first answer cut off.
  std::string conversation(bool json) {
    testing::internal::CaptureStdout();
    TalkOutput output(json, console_.out, clock_);
    clock_.time = 1003;
    output.heard(heard(1, "Tell me a story.", 1, 2.5));
    clock_.time = 1004;
    piece(output, 1, "Once upon");
    piece(output, 1, " a");
    clock_.time = 1006;
    completion(output, 1, "Once upon a", FinishReason::cancelled);
    output.heard(heard(2, "", 5, 6));
    output.heard(heard(3, "Stop.", 6.5, 7));
    clock_.time = 1008;
    piece(output, 3, "Yes.");
    completion(output, 3, "Yes.", FinishReason::stop);
    output.heard(heard(4, "Go on.", 9, 9.5));
    piece(output, 4, "So");
    output.finish();
    return testing::internal::GetCapturedStdout();
  }

  SetClock clock_;
  Console console_;
};

TEST_F(TalkOutputTest, TextShowsWhatWasHeardAndTheAnswers) {
  EXPECT_EQ(conversation(false), "> Tell me a story.\nOnce upon a —\n> Stop.\nYes.\n> Go on.\nSo —\n");
}

TEST_F(TalkOutputTest, JsonHasALineForEveryEvent) {
  EXPECT_EQ(
      conversation(true),
      R"({"event":"heard","turn":1,"start":1.0,"end":2.5,"text":"Tell me a story.","language":"en","latency":0.5}
{"event":"cancelled","turn":1,"start":4.0,"end":6.0,"text":"Once upon a","latency":1.5,"prompt_tokens":9,"cached_tokens":0,"completion_tokens":2}
{"event":"heard","turn":3,"start":6.5,"end":7.0,"text":"Stop.","language":"en","latency":-1.0}
{"event":"answer","turn":3,"start":8.0,"end":8.0,"text":"Yes.","finish_reason":"stop","latency":1.0,"prompt_tokens":9,"cached_tokens":0,"completion_tokens":2}
{"event":"heard","turn":4,"start":9.0,"end":9.5,"text":"Go on.","language":"en","latency":-1.5}
{"event":"cancelled","turn":4,"start":8.0,"end":8.0,"text":"So","latency":-1.5}
)");
}

TEST_F(TalkOutputTest, WhatComesLateOfAnOldAnswerDoesNotMixWithTheNewOne) {
  testing::internal::CaptureStdout();
  TalkOutput output(false, console_.out, clock_);
  output.heard(heard(1, "One?", 1, 2));
  piece(output, 1, "a");
  output.heard(heard(2, "Two?", 3, 4));
  piece(output, 1, "b");
  completion(output, 1, "ab", FinishReason::cancelled);
  piece(output, 2, "c");
  completion(output, 2, "c", FinishReason::stop);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "> One?\na —\n> Two?\nc\n");
}

}  // namespace
}  // namespace millrace::cli
