#include "decoders/speech/word_times.h"

#include <gtest/gtest.h>

#include "decoders/speech/transcription_options.h"
#include "tests/decoders/golden_json.h"

namespace millrace {
namespace {

TEST(MergePunctuation, AsTheReference) {
  const TranscriptionOptions options;
  for (const auto& each : testing::transcribe_golden("merge_punctuation")) {
    std::vector<TimedWord> words;
    for (const auto& word : each["before"])
      words.push_back({.word = word, .tokens = {static_cast<TokenId>(words.size())}});
    merge_punctuation(words, options.prepend_punctuations, options.append_punctuations);
    for (size_t i = 0; i < words.size(); ++i) {
      EXPECT_EQ(words[i].word, each["after"][i].get<std::string>()) << each["before"].dump();
      EXPECT_EQ(words[i].tokens, each["tokens"][i].get<std::vector<TokenId>>()) << each["before"].dump();
    }
  }
}

TEST(WordTimes, ArePlacedAsTheReferenceDoes) {
  const auto golden = testing::transcribe_golden("word_times");
  const TranscriptionOptions options;
  SpeechTokens speech;
  speech.end_of_text = golden["end_of_text"];
  speech.timestamp_begin = golden["begin"];
  for (const auto& each : golden["cases"]) {
    std::vector<TimedWord> words;
    for (const auto& word : each["alignment"])
      words.push_back({.word = word["word"],
                       .tokens = word["tokens"].get<std::vector<TokenId>>(),
                       .start = word["start"],
                       .end = word["end"],
                       .probability = word["probability"]});
    std::vector<TimedTokens> segments;
    for (const auto& segment : each["segments"])
      segments.push_back({.start = segment["start"],
                          .end = segment["end"],
                          .tokens = segment["tokens"].get<std::vector<TokenId>>(),
                          .words = {}});
    const WordDurations durations = measure(words);
    shorten_at_sentence_ends(words, durations);
    merge_punctuation(words, options.prepend_punctuations, options.append_punctuations);
    double last_speech = each["last_speech"];
    place_words(segments, words, speech, {.offset = golden["offset"], .durations = durations}, last_speech);

    EXPECT_NEAR(last_speech, each["last"].get<double>(), 1e-9);
    for (size_t i = 0; i < segments.size(); ++i) {
      const auto& placed = each["placed"][i];
      EXPECT_NEAR(segments[i].start, placed["start"].get<double>(), 1e-9);
      EXPECT_NEAR(segments[i].end, placed["end"].get<double>(), 1e-9);
      ASSERT_EQ(segments[i].words.size(), placed["words"].size()) << each.dump();
      for (size_t w = 0; w < segments[i].words.size(); ++w) {
        const TimedWord& word = segments[i].words[w];
        EXPECT_EQ(word.word, placed["words"][w][0].get<std::string>());
        EXPECT_NEAR(word.start, placed["words"][w][1].get<double>(), 1e-9);
        EXPECT_NEAR(word.end, placed["words"][w][2].get<double>(), 1e-9);
        EXPECT_NEAR(word.probability, placed["words"][w][3].get<double>(), 1e-9);
      }
    }
  }
}

TEST(TimeWords, TakeTheTimesOfTheirTokens) {
  const std::vector<TokenWord> words = {{" a", {1}}, {" bc", {2, 3}}};
  const TokenAlignment alignment{.times = {0.1, 0.5, 0.7, 1.2}, .probabilities = {0.9, 0.2, 0.6}};
  const auto timed = time_words(words, alignment);
  ASSERT_EQ(timed.size(), 2u);
  EXPECT_DOUBLE_EQ(timed[0].start, 0.1);
  EXPECT_DOUBLE_EQ(timed[0].end, 0.5);
  EXPECT_DOUBLE_EQ(timed[1].start, 0.5);
  EXPECT_DOUBLE_EQ(timed[1].end, 1.2);
  EXPECT_DOUBLE_EQ(timed[1].probability, 0.4);
  EXPECT_TRUE(time_words(words, {}).empty());
}

}  // namespace
}  // namespace millrace
