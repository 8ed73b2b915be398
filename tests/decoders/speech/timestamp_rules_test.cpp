#include "decoders/speech/timestamp_rules.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/decoders/golden_json.h"

namespace millrace {
namespace {

TEST(TimestampRules, KeepWhatTheReferenceKeeps) {
  const auto golden = testing::transcribe_golden("timestamp_rules");
  SpeechTokens tokens;
  tokens.end_of_text = golden["end_of_text"];
  tokens.no_timestamps = golden["no_timestamps"];
  tokens.timestamp_begin = golden["begin"];
  tokens.timestamp_end = golden["vocabulary"];
  int at_begin = 0;
  for (const auto& each : golden["cases"]) {
    auto logits = each["logits"].get<std::vector<float>>();
    const auto written = each["tokens"].get<std::vector<TokenId>>();
    at_begin += written.empty();
    TimestampRules(tokens, each["latest_first"]).apply({.prompt = {}, .generated = written}, logits);
    std::vector<int> kept;
    for (size_t i = 0; i < logits.size(); ++i)
      if (std::isfinite(logits[i])) kept.push_back(static_cast<int>(i));
    EXPECT_EQ(kept, each["kept"].get<std::vector<int>>()) << each["tokens"].dump();
  }
  EXPECT_GT(at_begin, 5);
}

}  // namespace
}  // namespace millrace
