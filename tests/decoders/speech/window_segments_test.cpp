#include "decoders/speech/window_segments.h"

#include <gtest/gtest.h>

#include "tests/decoders/golden_json.h"

namespace millrace {
namespace {

SpeechTokens speech_tokens(const nlohmann::json& golden) {
  SpeechTokens tokens;
  tokens.end_of_text = golden["end_of_text"];
  tokens.no_timestamps = golden["no_timestamps"];
  tokens.timestamp_begin = golden["begin"];
  tokens.timestamp_end = tokens.timestamp_begin + 1501;
  return tokens;
}

TEST(SplitWindow, CutsAsTheReference) {
  const auto golden = testing::transcribe_golden("window_segments");
  const SpeechTokens speech = speech_tokens(golden);
  for (const auto& each : golden["cases"]) {
    const auto tokens = each["tokens"].get<std::vector<TokenId>>();
    const int64_t content = each["frames"].get<int64_t>() * 160;
    const auto cut = split_window(tokens, speech, {.offset = golden["offset"], .content_samples = content});
    EXPECT_EQ(cut.ends_in_silence, each["ends_in_silence"].get<bool>()) << each["tokens"].dump();
    // Never further than the sound goes.
    EXPECT_EQ(cut.consumed, std::min(content, each["consumed_frames"].get<int64_t>() * 160));
    ASSERT_EQ(cut.segments.size(), each["segments"].size()) << each["tokens"].dump();
    for (size_t i = 0; i < cut.segments.size(); ++i) {
      EXPECT_DOUBLE_EQ(cut.segments[i].start, each["segments"][i]["start"].get<double>());
      EXPECT_DOUBLE_EQ(cut.segments[i].end, each["segments"][i]["end"].get<double>());
      EXPECT_EQ(cut.segments[i].tokens, each["segments"][i]["tokens"].get<std::vector<TokenId>>());
    }
  }
}

class SplitWindowByHand : public ::testing::Test {
 protected:
  SpeechTokens speech_ = [] {
    SpeechTokens tokens;
    tokens.end_of_text = 20;
    tokens.timestamp_begin = 30;
    return tokens;
  }();
  // 0.00 one 1.00 | 1.00 two — and no end
  std::vector<TokenId> unfinished_ = {30, 1, 80, 80, 2};
};

TEST_F(SplitWindowByHand, TheUnfinishedIsLeftToTheNextWindow) {
  const auto cut = split_window(unfinished_, speech_, {.offset = 0, .content_samples = 480000});
  ASSERT_EQ(cut.segments.size(), 1u);
  EXPECT_EQ(cut.consumed, 16000);
}

TEST_F(SplitWindowByHand, TheUnfinishedIsKeptWhereNoWindowFollows) {
  const auto cut =
      split_window(unfinished_, speech_, {.offset = 0, .content_samples = 80000, .keep_unfinished = true});
  ASSERT_EQ(cut.segments.size(), 2u);
  EXPECT_DOUBLE_EQ(cut.segments[1].start, 1.0);
  EXPECT_DOUBLE_EQ(cut.segments[1].end, 5.0);
  EXPECT_EQ(cut.consumed, 80000);
}

TEST_F(SplitWindowByHand, AWindowAlwaysMovesOn) {
  const std::vector<TokenId> stuck = {30, 30, 1};
  EXPECT_EQ(split_window(stuck, speech_, {.offset = 0, .content_samples = 480000}).consumed, 480000);
  EXPECT_EQ(split_window({}, speech_, {.offset = 0, .content_samples = 480000}).consumed, 480000);
}

}  // namespace
}  // namespace millrace
