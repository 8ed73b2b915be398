#include "decoders/speech/speech_tokens.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "decoders/speech/languages.h"
#include "decoders/speech/speech_prompt.h"
#include "decoders/speech/word_splitting.h"
#include "tests/decoders/scripted_decoder.h"
#include "tests/decoders/speech/byte_vocabulary.h"

namespace millrace {
namespace {

using testing::ByteVocabulary;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using V = ByteVocabulary;

template <class F>
std::string refusal(F&& action, ErrorKind kind) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "nothing was refused";
}

class SpeechTokensTest : public ::testing::Test {
 protected:
  SpeechTokens find(nlohmann::json generation = {{"is_multilingual", true}},
                    int64_t vocabulary = V::kSize) const {
    const testing::ScriptedDecoder decoder({.vocabulary = vocabulary, .logits = {}});
    return find_speech_tokens(vocabulary_, GenerationConfig(std::move(generation), "generation_config.json"),
                              decoder);
  }
  ByteVocabulary vocabulary_;
};

TEST_F(SpeechTokensTest, AreFoundInTheVocabulary) {
  const SpeechTokens tokens = find();
  EXPECT_TRUE(tokens.multilingual);
  EXPECT_EQ(tokens.start_of_transcript, V::kStart);
  EXPECT_EQ(tokens.timestamp_begin, V::kTime);
  EXPECT_EQ(tokens.timestamp_end, V::kSize);
  EXPECT_EQ(tokens.no_speech, V::kNoSpeech);
  EXPECT_EQ(tokens.start_of_previous, V::kPrevious);
  ASSERT_EQ(tokens.languages.size(), 3u);
  EXPECT_EQ(tokens.languages[1].code, "de");
  EXPECT_THAT(tokens.not_at_begin, ElementsAre(' ', V::kEnd));
  EXPECT_THAT(tokens.non_speech, Contains('('));
  EXPECT_THAT(tokens.non_speech, Contains(0xe2));  // the first byte of a note
  EXPECT_THAT(tokens.non_speech, Not(Contains('-')));
  EXPECT_THAT(tokens.non_speech, Not(Contains('.')));
}

TEST_F(SpeechTokensTest, StartWithLanguageAndTask) {
  const SpeechTokens tokens = find();
  EXPECT_THAT(tokens.start_sequence("de", SpeechTask::translate),
              ElementsAre(V::kStart, V::kGerman, V::kTranslate));
  EXPECT_THAT(refusal([&] { tokens.start_sequence("fr", SpeechTask::transcribe); }, ErrorKind::usage),
              HasSubstr("doesn't know the language 'fr'"));
}

TEST_F(SpeechTokensTest, OfAnEnglishModelAreTheStartAlone) {
  const SpeechTokens tokens = find(nlohmann::json::object());
  EXPECT_FALSE(tokens.multilingual);
  EXPECT_THAT(tokens.start_sequence("en", SpeechTask::transcribe), ElementsAre(V::kStart));
  EXPECT_THAT(refusal([&] { tokens.start_sequence("en", SpeechTask::translate); }, ErrorKind::usage),
              HasSubstr("can't translate"));
}

TEST_F(SpeechTokensTest, TakeTheLastLayersHeadsWhereNoneAreNamed) {
  EXPECT_THAT(find().alignment_heads, ElementsAre(std::pair(1, 0), std::pair(1, 1)));
  EXPECT_THAT(find({{"alignment_heads", {{0, 1}}}}).alignment_heads, ElementsAre(std::pair(0, 1)));
  EXPECT_THAT(refusal(
                  [&] {
                    find({{"alignment_heads", {{2, 0}}}});
                  },
                  ErrorKind::model),
              HasSubstr("alignment_heads"));
}

TEST_F(SpeechTokensTest, MissingOnesAreNamed) {
  EXPECT_THAT(refusal([&] { find(nlohmann::json::object(), V::kEnd); }, ErrorKind::model),
              HasSubstr("<|startoftranscript|>"));
}

TEST(Languages, HaveCodesNamesAndAliases) {
  EXPECT_EQ(speech_languages().size(), 100u);
  EXPECT_EQ(language_code("EN"), "en");
  EXPECT_EQ(language_code("German"), "de");
  EXPECT_EQ(language_code("castilian"), "es");
  EXPECT_EQ(language_name("yue"), "cantonese");
  EXPECT_TRUE(is_written_without_spaces("ja"));
  EXPECT_FALSE(is_written_without_spaces("ko"));
}

TEST(Languages, UnknownOnesAreAnsweredWithTheNearest) {
  EXPECT_THAT(refusal([] { language_code("germn"); }, ErrorKind::usage), HasSubstr("did you mean 'german'?"));
  EXPECT_THAT(refusal([] { language_code("en-US"); }, ErrorKind::usage), HasSubstr("did you mean 'en'?"));
}

TEST_F(SpeechTokensTest, PromptKeepsTheLastOfWhatWentBefore) {
  const SpeechTokens tokens = find();
  const std::vector<TokenId> previous = {1, 2, 3, 4, 5, 6}, hotwords = {8, 9}, none;
  const auto prompt = build_prompt(
      tokens,
      {.previous = previous, .hotwords = hotwords, .prefix = none, .start = {V::kStart}, .max_length = 12});
  EXPECT_THAT(prompt.context, ElementsAre(V::kPrevious, 8, 9, 4, 5, 6));
  EXPECT_THAT(prompt.start, ElementsAre(V::kStart));
  EXPECT_THAT(prompt.prefix, IsEmpty());
}

TEST_F(SpeechTokensTest, PrefixGoesWithoutHotwordsAndAfterATimestamp) {
  const SpeechTokens tokens = find();
  const std::vector<TokenId> hotwords = {8, 9}, prefix = {7}, none;
  SpeechPromptParts parts{.previous = none, .hotwords = hotwords, .prefix = prefix, .start = {V::kStart}};
  auto prompt = build_prompt(tokens, parts);
  EXPECT_THAT(prompt.context, IsEmpty());
  EXPECT_THAT(prompt.prefix, ElementsAre(V::kTime, 7));
  parts.without_timestamps = true;
  prompt = build_prompt(tokens, parts);
  EXPECT_THAT(prompt.start, ElementsAre(V::kStart, V::kNoTimestamps));
  EXPECT_THAT(prompt.prefix, ElementsAre(7));
}

class WordSplitting : public ::testing::Test {
 protected:
  std::vector<std::string> words(const std::vector<TokenId>& tokens, std::string_view language) const {
    std::vector<std::string> texts;
    std::vector<TokenId> all;
    for (const TokenWord& word : split_words(vocabulary_, tokens, language)) {
      texts.push_back(word.text);
      all.insert(all.end(), word.tokens.begin(), word.tokens.end());
    }
    EXPECT_EQ(all, tokens);
    return texts;
  }
  ByteVocabulary vocabulary_;
};

TEST_F(WordSplitting, AtSpacesAndPunctuation) {
  EXPECT_THAT(words(V::tokens(" Wo? Über-all."), "de"), ElementsAre(" Wo", "?", " Über", "-all", "."));
}

TEST_F(WordSplitting, AtCharactersWhereThereAreNoSpaces) {
  EXPECT_THAT(words(V::tokens("東京。"), "ja"), ElementsAre("東", "京", "。"));
}

TEST_F(WordSplitting, BytesThatMakeNoCharacterStandAlone) {
  EXPECT_THAT(words({'a', 0xff, ' ', 'b'}, "zh"), ElementsAre("a", "\xef\xbf\xbd", " ", "b"));
  // Cut off inside a character, as text can be at its end.
  EXPECT_THAT(words({'a', 0xe6, 0x9d}, "zh"), ElementsAre("a", "\xef\xbf\xbd", "\xef\xbf\xbd"));
}

}  // namespace
}  // namespace millrace
