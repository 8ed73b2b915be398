#include "decoders/speech/transcription_options.h"

#include <gmock/gmock.h>

#include <set>

#include "base/error.h"

namespace millrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Pair = std::pair<double, std::optional<double>>;

std::string refusal(const TranscriptionOptions& options) {
  try {
    options.check();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "accepted";
}

TEST(TranscriptionOptions, DefaultsAreAccepted) { EXPECT_EQ(refusal({}), "accepted"); }

TEST(TranscriptionOptions, EveryFieldIsInTheTableOnceWithAHelp) {
  std::set<std::string_view> names;
  for (const TranscriptionField& field : kTranscriptionFields) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    EXPECT_FALSE(field.help.empty()) << field.name;
  }
  EXPECT_EQ(names.size(), 31u);
}

TEST(TranscriptionOptions, WhatIsOutOfRangeIsNamed) {
  EXPECT_THAT(refusal({.beam_size = 0}), HasSubstr("beam_size is 0, but must be between 1 and 100"));
  EXPECT_THAT(refusal({.temperature = {0, -0.5}}), HasSubstr("temperature is -0.5"));
  EXPECT_THAT(refusal({.temperature = {}}), HasSubstr("temperature is empty"));
  EXPECT_THAT(refusal({.no_speech_threshold = 2.0}), HasSubstr("no_speech_threshold"));
  EXPECT_THAT(refusal({.task = "translte"}), HasSubstr("did you mean 'translate'?"));
  EXPECT_THAT(refusal({.language = "englsh"}), HasSubstr("did you mean 'english'?"));
  EXPECT_THAT(refusal({.hallucination_silence_threshold = 2.0}), HasSubstr("needs word_timestamps"));
  EXPECT_THAT(refusal({.length_penalty = std::numeric_limits<double>::quiet_NaN()}),
              HasSubstr("length_penalty"));
}

TEST(TranscriptionOptions, ClipsComeInPairs) {
  const auto refused = [](const std::string& text) -> std::string {
    try {
      parse_clip_timestamps(text);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(parse_clip_timestamps("0"), ElementsAre(Pair{0, std::nullopt}));
  EXPECT_THAT(parse_clip_timestamps("1.5, 2,7"), ElementsAre(Pair{1.5, 2.0}, Pair{7, std::nullopt}));
  EXPECT_THAT(parse_clip_timestamps(""), ElementsAre(Pair{0, std::nullopt}));
  EXPECT_THAT(refused("3,1"), HasSubstr("go back"));
  EXPECT_THAT(refused("3,x"), HasSubstr("'x' is not a time"));
  EXPECT_THAT(refused("3,-1"), HasSubstr("'-1' is not a time"));
}

}  // namespace
}  // namespace millrace
