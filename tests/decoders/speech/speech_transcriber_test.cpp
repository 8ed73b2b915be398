#include "decoders/speech/speech_transcriber.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "tests/decoders/scripted_decoder.h"
#include "tests/decoders/speech/byte_vocabulary.h"

namespace millrace {
namespace {

using testing::ByteVocabulary;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ScriptedDecoder;
using V = ByteVocabulary;

constexpr int64_t kWindow = 480000;
constexpr size_t kSize = static_cast<size_t>(V::kSize);

// What each window says ("<0.00> Hello.<1.00>"), by the number in its states; and how sure the model is of
// it.
struct Sayings {
  std::vector<std::string> texts;
  float sure = 30;
  float no_speech = -10;
  std::vector<TokenId> languages = {};  // by window; English where none is given
  float language_sure = 5;

  std::vector<float> operator()(int memory, std::span<const TokenId> fed) const {
    std::vector<float> logits(kSize, 0.f);
    const auto window = static_cast<size_t>(memory);
    const auto start = std::find(fed.begin(), fed.end(), V::kStart);
    if (start + 1 == fed.end()) {
      logits[V::kNoSpeech] = no_speech;
      logits[static_cast<size_t>(window < languages.size() ? languages[window] : V::kEnglish)] =
          language_sure;
      return logits;
    }
    auto said = V::tokens(texts.at(window));
    auto written = static_cast<size_t>(fed.end() - start);
    written -= std::min<size_t>(written, 3);  // start, language, task
    if (std::find(start, fed.end(), V::kNoTimestamps) != fed.end()) {
      --written;
      std::erase_if(said, [](TokenId token) { return token >= V::kTime; });
    }
    logits[static_cast<size_t>(written < said.size() ? said[written] : V::kEnd)] = sure;
    return logits;
  }
};

// Logits without any sense, but always the same for the same text.
std::vector<float> babble(int memory, std::span<const TokenId> fed) {
  uint64_t hash = 1469598103934665603u + static_cast<uint64_t>(memory);
  for (const TokenId token : fed) hash = (hash ^ static_cast<uint64_t>(token)) * 1099511628211u;
  std::vector<float> logits(kSize);
  for (float& logit : logits) {
    hash = hash * 6364136223846793005u + 1442695040888963407u;
    logit = static_cast<float>(hash >> 40) / 4e6f;
  }
  logits[V::kEnd] += 1.5f;
  return logits;
}

EncodedWindow window(int number, double start = 0, double seconds = 30) {
  const std::vector<float> states(1500, static_cast<float>(number));
  EncodedWindow window;
  window.states = Tensor::from<float>({1500, 1}, states);
  window.start_sample = static_cast<int64_t>(start * 16000);
  window.content_samples = static_cast<int64_t>(seconds * 16000);
  window.time = TimeMap({{.first_sample = 0, .seconds = start}});
  return window;
}

class SpeechTranscriberTest : public ::testing::Test {
 protected:
  // A blank is a token of its own here, and with it one of those that nobody speaks.
  SpeechTranscriberTest() { options_.suppress_tokens = {}; }

  SpeechTranscriber make(ScriptedDecoder::Script script) {
    script.vocabulary = V::kSize;
    decoder_ = std::make_shared<ScriptedDecoder>(std::move(script));
    return SpeechTranscriber(
        {.decoder = decoder_, .tokenizer = vocabulary_, .generation = V::generation(), .options = options_});
  }
  SpeechTranscriber make(Sayings sayings) {
    return make(ScriptedDecoder::Script{.logits = std::move(sayings)});
  }

  // The longest that a call fed to slot 0.
  std::vector<TokenId> prompt_of_call(size_t call) const { return decoder_->calls.at(call).begin()->second; }

  std::shared_ptr<const ByteVocabulary> vocabulary_ = std::make_shared<ByteVocabulary>();
  std::shared_ptr<ScriptedDecoder> decoder_;
  TranscriptionOptions options_;
};

TEST_F(SpeechTranscriberTest, CutsAWindowIntoSegments) {
  const auto transcriber = make(Sayings{.texts = {"<0.00> Hello.<1.00><1.50> World.<2.00>"}});
  auto state = transcriber.begin();
  const auto result = transcriber.transcribe_window(state, window(0, 60));
  ASSERT_EQ(result.segments.size(), 2u);
  EXPECT_EQ(result.segments[0].text, " Hello.");
  EXPECT_EQ(result.segments[0].id, 0);
  EXPECT_EQ(result.segments[0].seek, 6000);
  EXPECT_DOUBLE_EQ(result.segments[0].start, 60);
  EXPECT_DOUBLE_EQ(result.segments[0].end, 61);
  EXPECT_EQ(result.segments[1].text, " World.");
  EXPECT_DOUBLE_EQ(result.segments[1].start, 61.5);
  EXPECT_DOUBLE_EQ(result.segments[1].end, 62);
  EXPECT_EQ(result.segments[1].temperature, 0);
  EXPECT_NEAR(result.segments[1].avg_logprob, 0, 1e-3);
  EXPECT_EQ(result.consumed_samples, kWindow);  // silence to the end
  EXPECT_EQ(result.language, "en");
  EXPECT_FALSE(result.silent);
}

TEST_F(SpeechTranscriberTest, GoesOnFromTheLastWholeSegment) {
  const auto transcriber = make(Sayings{.texts = {"<0.00> One.<4.00><4.00> Two"}});
  auto state = transcriber.begin();
  const auto result = transcriber.transcribe_window(state, window(0));
  ASSERT_EQ(result.segments.size(), 1u);
  EXPECT_EQ(result.consumed_samples, 4 * 16000);
}

TEST_F(SpeechTranscriberTest, GivesTheTextBeforeAsContext) {
  const auto transcriber = make(Sayings{.texts = {"<0.00> One.<4.00>", "<0.00> Two.<4.00>"}});
  auto state = transcriber.begin();
  const auto first = transcriber.transcribe_window(state, window(0));
  decoder_->calls.clear();
  const auto second = transcriber.transcribe_window(state, window(1, 30));
  std::vector<TokenId> context = {V::kPrevious};
  for (const TokenId token : V::tokens("<0.00> One.<4.00>")) context.push_back(token);
  EXPECT_EQ(prompt_of_call(0), context);
  EXPECT_EQ(second.segments.at(0).id, 1);
  EXPECT_EQ(second.segments.at(0).text, " Two.");
}

TEST_F(SpeechTranscriberTest, GivesNoContextWhenNotConditioned) {
  options_.condition_on_previous_text = false;
  options_.initial_prompt = "Names";
  const auto transcriber = make(Sayings{.texts = {"<0.00> One.<4.00>", "<0.00> Two.<4.00>"}});
  auto state = transcriber.begin();
  transcriber.transcribe_window(state, window(0));
  // Language first, then the initial prompt, which is the first window's alone.
  std::vector<TokenId> context = {V::kPrevious};
  for (const TokenId token : V::tokens(" Names")) context.push_back(token);
  EXPECT_EQ(prompt_of_call(1), context);
  decoder_->calls.clear();
  transcriber.transcribe_window(state, window(1, 30));
  EXPECT_THAT(prompt_of_call(0), ElementsAre(V::kStart, V::kEnglish, V::kTranscribe));
}

TEST_F(SpeechTranscriberTest, HotwordsStandBeforeEveryWindow) {
  options_.hotwords = "Zug";
  options_.language = "German";
  const auto transcriber = make(Sayings{.texts = {"<0.00> One.<4.00>", "<0.00> Two.<4.00>"}});
  auto state = transcriber.begin();
  transcriber.transcribe_window(state, window(0));
  decoder_->calls.clear();
  transcriber.transcribe_window(state, window(1, 30));
  const auto context = prompt_of_call(0);
  EXPECT_THAT(std::vector(context.begin(), context.begin() + 5),
              ElementsAre(V::kPrevious, ' ', 'Z', 'u', 'g'));
  EXPECT_EQ(context.size(), 5u + 7u);
  EXPECT_EQ(prompt_of_call(1).at(context.size() + 1), V::kGerman);
}

TEST_F(SpeechTranscriberTest, ThePrefixBeginsTheFirstWindowOnly) {
  options_.prefix = "One";
  const auto transcriber = make(Sayings{.texts = {"<0.00> One more.<4.00>", "<0.00> Two.<4.00>"}});
  auto state = transcriber.begin();
  const auto first = transcriber.transcribe_window(state, window(0));
  EXPECT_EQ(first.segments.at(0).text, " One more.");
  EXPECT_EQ(first.segments.at(0).tokens, V::tokens("<0.00> One more.<4.00>"));
  const auto second = transcriber.transcribe_window(state, window(1, 30));
  EXPECT_EQ(second.segments.at(0).text, " Two.");
}

TEST_F(SpeechTranscriberTest, WritesNothingWhereNobodySpeaks) {
  const auto transcriber = make(Sayings{.texts = {"<0.00> Thanks.<4.00>"}, .sure = 2, .no_speech = 20});
  auto state = transcriber.begin();
  const auto result = transcriber.transcribe_window(state, window(0));
  EXPECT_TRUE(result.silent);
  EXPECT_THAT(result.segments, IsEmpty());
  EXPECT_EQ(result.consumed_samples, kWindow);
  EXPECT_GT(result.no_speech_prob, 0.9);
}

TEST_F(SpeechTranscriberTest, BelievesASureTextDespiteNoSpeech) {
  const auto transcriber = make(Sayings{.texts = {"<0.00> Thanks.<4.00>"}, .no_speech = 20});
  auto state = transcriber.begin();
  EXPECT_EQ(transcriber.transcribe_window(state, window(0)).segments.size(), 1u);
}

TEST_F(SpeechTranscriberTest, TriesEveryTemperatureOnTextThatRepeatsItself) {
  std::string text = "<0.00>";
  for (int i = 0; i < 60; ++i) text += " la";
  const auto transcriber = make(Sayings{.texts = {text + "<9.00>"}});
  auto state = transcriber.begin();
  const auto result = transcriber.transcribe_window(state, window(0));
  EXPECT_GT(result.segments.at(0).compression_ratio, 2.4);
  EXPECT_EQ(result.segments.at(0).temperature, 1);
  EXPECT_THAT(state.previous, IsEmpty());  // no context for what follows
}

TEST_F(SpeechTranscriberTest, FallsBackFromAnImprobableText) {
  options_.temperature = {0, 0.1};
  options_.log_prob_threshold = -0.5;
  // At temperature 0 the text is unlikely; drawing leaves it so.
  const auto transcriber = make(Sayings{.texts = {"<0.00> Hm.<4.00>"}, .sure = 7});
  auto state = transcriber.begin();
  EXPECT_EQ(transcriber.transcribe_window(state, window(0)).segments.at(0).temperature, 0.1);
  options_.log_prob_threshold.reset();
  const auto careless = make(Sayings{.texts = {"<0.00> Hm.<4.00>"}, .sure = 7});
  state = careless.begin();
  EXPECT_EQ(careless.transcribe_window(state, window(0)).segments.at(0).temperature, 0);
}

TEST_F(SpeechTranscriberTest, DetectsTheLanguageOnce) {
  const auto transcriber = make(
      Sayings{.texts = {"<0.00> Ja.<1.00>", "<0.00> No.<1.00>"}, .languages = {V::kGerman, V::kEnglish}});
  auto state = transcriber.begin();
  EXPECT_EQ(transcriber.transcribe_window(state, window(0)).language, "de");
  EXPECT_NEAR(state.language.probability, 0.987, 0.001);  // e^5 against two times 1
  EXPECT_EQ(transcriber.transcribe_window(state, window(1, 30)).language, "de");
}

TEST_F(SpeechTranscriberTest, DetectsEveryWindowsLanguageWhenMultilingual) {
  options_.multilingual = true;
  const auto transcriber = make(
      Sayings{.texts = {"<0.00> Ja.<1.00>", "<0.00> No.<1.00>"}, .languages = {V::kGerman, V::kEnglish}});
  auto state = transcriber.begin();
  EXPECT_EQ(transcriber.transcribe_window(state, window(0)).language, "de");
  EXPECT_EQ(transcriber.transcribe_window(state, window(1, 30)).language, "en");
  const std::vector<EncodedWindow> both = {window(0), window(1, 30)};
  state = transcriber.begin();
  const auto results = transcriber.transcribe_windows(state, both);
  EXPECT_EQ(results[0].language, "de");
  EXPECT_EQ(results[1].language, "en");
}

TEST_F(SpeechTranscriberTest, WindowsVoteForAnUncertainLanguage) {
  options_.language_detection_segments = 3;
  const auto transcriber = make(Sayings{.texts = {"<0.00> a<1.00>", "<0.00> b<1.00>", "<0.00> c<1.00>"},
                                        .languages = {V::kGerman, V::kEnglish, V::kEnglish},
                                        .language_sure = 0.2f});
  const std::vector<EncodedWindow> windows = {window(0), window(1, 30), window(2, 60)};
  auto state = transcriber.begin();
  for (const auto& result : transcriber.transcribe_windows(state, windows)) EXPECT_EQ(result.language, "en");
}

TEST_F(SpeechTranscriberTest, FindsWordsByAttention) {
  options_.word_timestamps = true;
  // Each token of the text is heard 10 frames (0.2 s) after the one before.
  const auto attention = [](int64_t position, int64_t frame) {
    return frame / 10 == std::max<int64_t>(0, position - 3) ? 1.f : 0.001f;
  };
  const auto transcriber =
      make({.logits = Sayings{.texts = {"<0.00> Hi you.<1.60>"}}, .attention = attention});
  auto state = transcriber.begin();
  const auto result = transcriber.transcribe_window(state, window(0, 30));
  ASSERT_EQ(result.segments.size(), 1u);
  const auto& words = result.segments[0].words;
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].word, " Hi");
  EXPECT_EQ(words[1].word, " you.");
  EXPECT_NEAR(words[0].start, 30.0, 0.021);
  EXPECT_NEAR(words[0].end, 30.6, 0.021);
  EXPECT_NEAR(words[1].end, 31.4, 0.021);  // before the full stop
  EXPECT_GT(words[0].probability, 0.99);
  EXPECT_EQ(result.segments[0].start, words[0].start);
  EXPECT_EQ(result.segments[0].end, words[1].end);
}

TEST_F(SpeechTranscriberTest, TimesAreTheRecordingsAroundWhatWasCutOut) {
  const auto transcriber = make(Sayings{.texts = {"<0.00> A.<2.00><2.00> B.<4.00>"}});
  auto state = transcriber.begin();
  EncodedWindow cut = window(0);
  cut.time = TimeMap({{.first_sample = 0, .seconds = 5}, {.first_sample = 32000, .seconds = 60}});
  const auto result = transcriber.transcribe_window(state, cut);
  EXPECT_DOUBLE_EQ(result.segments.at(0).start, 5);
  EXPECT_DOUBLE_EQ(result.segments.at(0).end, 7);
  EXPECT_DOUBLE_EQ(result.segments.at(1).start, 60);
  EXPECT_DOUBLE_EQ(result.segments.at(1).end, 62);
}

TEST_F(SpeechTranscriberTest, NoTimeLiesBeyondTheSoundOrGoesBack) {
  const auto transcriber = make(Sayings{.texts = {"<0.00> A.<9.00>", "<0.00> B.<1.00>"}});
  auto state = transcriber.begin();
  EXPECT_DOUBLE_EQ(transcriber.transcribe_window(state, window(0, 0, 5)).segments.at(0).end, 5);
  const auto early = transcriber.transcribe_window(state, window(1, 3, 5));
  EXPECT_DOUBLE_EQ(early.segments.at(0).start, 5);
  EXPECT_DOUBLE_EQ(early.segments.at(0).end, 5);
}

TEST_F(SpeechTranscriberTest, ABatchKeepsWhatIsUnfinished) {
  const auto transcriber = make(Sayings{.texts = {"<0.00> One.<4.00><4.00> Two"}});
  auto state = transcriber.begin();
  const std::vector<EncodedWindow> windows = {window(0, 0, 10)};
  const auto results = transcriber.transcribe_windows(state, windows);
  ASSERT_EQ(results.at(0).segments.size(), 2u);
  EXPECT_EQ(results[0].segments[1].text, " Two");
  EXPECT_DOUBLE_EQ(results[0].segments[1].end, 10);
}

// The model ends its text after five of thirty seconds, and says the rest when it is asked to go on.
TEST_F(SpeechTranscriberTest, ABatchTakesUpTextThatEndedBeforeItsWindow) {
  const auto transcriber =
      make(ScriptedDecoder::Script{.logits = [](int memory, std::span<const TokenId> fed) {
        const auto start = std::find(fed.begin(), fed.end(), V::kStart);
        const auto early = V::tokens("<0.00> Hello.<5.00>");
        const bool may_end = static_cast<size_t>(fed.end() - start) == 3 + early.size();
        return Sayings{.texts = {may_end ? "<0.00> Hello.<5.00>"
                                         : "<0.00> Hello.<5.00><5.00> World.<29.80>"}}(memory, fed);
      }});
  EncodedWindow windows[] = {window(0, 60)};
  for (const bool speech : {true, false}) {  // silence is not asked for more
    windows[0].speech = speech;
    auto state = transcriber.begin();
    const auto results = transcriber.transcribe_windows(state, windows);
    ASSERT_EQ(results[0].segments.size(), speech ? 2u : 1u);
    EXPECT_EQ(results[0].segments[0].text, " Hello.");
    EXPECT_DOUBLE_EQ(results[0].segments[0].end, 65);
    if (!speech) continue;
    EXPECT_EQ(results[0].segments[1].text, " World.");
    EXPECT_DOUBLE_EQ(results[0].segments[1].start, 65);
    EXPECT_DOUBLE_EQ(results[0].segments[1].end, 89.8);
  }
}

TEST_F(SpeechTranscriberTest, ABatchEndsWhereTheModelHasNothingToAdd) {
  options_.temperature = {0};
  const auto transcriber =
      make(ScriptedDecoder::Script{.logits = [](int memory, std::span<const TokenId> fed) {
        const auto start = std::find(fed.begin(), fed.end(), V::kStart);
        if (static_cast<size_t>(fed.end() - start) > 3 + V::tokens("<0.00> Hello.<5.00>").size())
          return std::vector<float>(kSize, 0.f);  // every token as improbable as any other
        return Sayings{.texts = {"<0.00> Hello.<5.00>"}}(memory, fed);
      }});
  EncodedWindow windows[] = {window(0)};
  windows[0].speech = true;
  auto state = transcriber.begin();
  const auto results = transcriber.transcribe_windows(state, windows);
  ASSERT_EQ(results[0].segments.size(), 1u);
  EXPECT_EQ(results[0].segments[0].text, " Hello.");
  EXPECT_DOUBLE_EQ(results[0].segments[0].end, 5);
}

TEST_F(SpeechTranscriberTest, WindowsTogetherGiveWhatEachGivesAlone) {
  options_.max_new_tokens = 12;
  options_.temperature = {0, 0.5};
  options_.beam_size = 3;
  options_.best_of = 4;
  options_.language = "en";
  options_.no_speech_threshold.reset();
  const auto transcriber = make({.logits = babble});
  std::vector<EncodedWindow> windows;
  for (int i = 0; i < 5; ++i) windows.push_back(window(i, 30 * i));
  auto state = transcriber.begin();
  const auto together = transcriber.transcribe_windows(state, windows);
  std::vector<std::vector<TokenId>> seen;
  for (size_t i = 0; i < windows.size(); ++i) {
    auto fresh = transcriber.begin();
    const auto alone = transcriber.transcribe_windows(fresh, {&windows[i], 1}).front();
    ASSERT_EQ(alone.segments.size(), together[i].segments.size());
    for (size_t s = 0; s < alone.segments.size(); ++s) {
      EXPECT_EQ(alone.segments[s].tokens, together[i].segments[s].tokens);
      EXPECT_EQ(alone.segments[s].avg_logprob, together[i].segments[s].avg_logprob);
      EXPECT_EQ(alone.segments[s].temperature, 0.5);
      seen.push_back(alone.segments[s].tokens);
    }
  }
  EXPECT_GE(seen.size(), windows.size());
  EXPECT_NE(seen.front(), seen.back());
}

TEST_F(SpeechTranscriberTest, EndsBetweenStepsWhenCancelled) {
  CancelToken cancel;
  auto sayings = Sayings{.texts = {"<0.00> Hello.<1.00>"}};
  int calls = 0;
  decoder_ = std::make_shared<ScriptedDecoder>(ScriptedDecoder::Script{
      .vocabulary = V::kSize, .logits = [&, sayings](int memory, std::span<const TokenId> fed) {
        if (++calls == 8) cancel.cancel();
        return sayings(memory, fed);
      }});
  options_.beam_size = 1;
  const SpeechTranscriber transcriber({.decoder = decoder_,
                                       .tokenizer = vocabulary_,
                                       .generation = V::generation(),
                                       .options = options_,
                                       .cancel = &cancel});
  auto state = transcriber.begin();
  try {
    transcriber.transcribe_window(state, window(0));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::interrupted);
  }
  EXPECT_EQ(calls, 8);
}

TEST_F(SpeechTranscriberTest, WithoutTimestampsAWindowIsOneSegment) {
  options_.without_timestamps = true;
  const auto transcriber = make(Sayings{.texts = {"Hello."}});
  auto state = transcriber.begin();
  const auto result = transcriber.transcribe_window(state, window(0, 0, 7));
  ASSERT_EQ(result.segments.size(), 1u);
  EXPECT_EQ(result.segments[0].text, "Hello.");
  EXPECT_DOUBLE_EQ(result.segments[0].end, 7);
}

}  // namespace
}  // namespace millrace
