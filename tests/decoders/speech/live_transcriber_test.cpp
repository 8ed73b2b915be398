#include "decoders/speech/live_transcriber.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.h"
#include "tests/decoders/scripted_decoder.h"
#include "tests/decoders/speech/byte_vocabulary.h"

namespace millrace {
namespace {

using testing::ByteVocabulary;
using ::testing::IsEmpty;
using testing::ScriptedDecoder;
using V = ByteVocabulary;

constexpr auto kGoesOn = UtteranceEnd::goes_on, kPause = UtteranceEnd::pause, kOver = UtteranceEnd::over;

// The model writes texts[n] for the window whose states are n; alone[n], where there is one, without context.
struct Sayings {
  std::vector<std::string> texts;
  std::map<int, std::string> alone = {};

  std::vector<float> operator()(int memory, std::span<const TokenId> fed) const {
    std::vector<float> logits(static_cast<size_t>(V::kSize), 0.f);
    const auto start = std::find(fed.begin(), fed.end(), V::kStart);
    const auto other = alone.find(memory);
    const bool without = other != alone.end() && start == fed.begin();
    const auto said = V::tokens(without ? other->second : texts.at(static_cast<size_t>(memory)));
    const auto written = static_cast<size_t>(std::max<std::ptrdiff_t>(0, fed.end() - start - 3));
    const TokenId next = start + 1 == fed.end()  ? V::kEnglish
                         : written < said.size() ? said[written]
                                                 : V::kEnd;
    logits[static_cast<size_t>(next)] = 30;
    return logits;
  }
};

// Window `number`, which begins at `start` seconds of the stream; no seconds: a window that says it is over.
EncodedWindow window(int number, double start, double seconds) {
  const std::vector<float> states(8, static_cast<float>(number));
  EncodedWindow window;
  window.states = Tensor::from<float>({8, 1}, states);
  window.start_sample = std::llround(start * 16000);
  window.content_samples = std::llround(seconds * 16000);
  window.time = TimeMap({{.first_sample = 0, .seconds = start}});
  return window;
}

class LiveTranscriberTest : public ::testing::Test {
 protected:
  LiveTranscriberTest() {
    options_.suppress_tokens = {};
    options_.beam_size = 1;
    options_.temperature = {0, 0.5};
  }
  LiveTranscriber make(Sayings sayings, LiveTranscriber::Options live = {}) {
    ScriptedDecoder::Script script{.vocabulary = V::kSize, .logits = std::move(sayings)};
    decoder_ = std::make_shared<ScriptedDecoder>(std::move(script));
    return LiveTranscriber({.decoder = decoder_,
                            .tokenizer = std::make_shared<ByteVocabulary>(),
                            .generation = V::generation(),
                            .options = options_},
                           live);
  }
  // What the latest call of the decoder that began a text was given before it.
  std::vector<TokenId> context_of_last() const {
    for (auto call = decoder_->calls.rbegin(); call != decoder_->calls.rend(); ++call)
      if (const auto& fed = call->begin()->second; !fed.empty() && fed.back() == V::kTranscribe)
        return {fed.begin(), std::find(fed.begin(), fed.end(), V::kStart)};
    return {};
  }

  TranscriptionOptions options_;
  std::shared_ptr<ScriptedDecoder> decoder_;
};

TEST_F(LiveTranscriberTest, PartialTextSettlesAndSilenceMakesItFinal) {
  const auto live =
      make({{"<0.00> Ask nut<1.00>", "<0.00> Ask not what<1.40>", "<0.00> Ask not what you<2.00>"}});
  auto state = live.begin();
  auto text = live.hear(state, window(0, 60, 1), kGoesOn);
  EXPECT_THAT(text.segments, IsEmpty());
  EXPECT_EQ(text.settled_samples, 0);
  ASSERT_TRUE(text.partial);
  EXPECT_EQ(text.partial->settled, "");
  EXPECT_EQ(text.partial->rest, " Ask nut");
  EXPECT_DOUBLE_EQ(text.partial->start, 60);
  EXPECT_DOUBLE_EQ(text.partial->end, 61);

  text = live.hear(state, window(1, 60, 1.5), kGoesOn);
  EXPECT_EQ(text.partial->settled, " Ask");
  text = live.hear(state, window(2, 60, 2), kGoesOn);
  EXPECT_EQ(text.partial->settled, " Ask not what");
  EXPECT_EQ(text.partial->rest, " you");

  const auto calls = decoder_->calls.size();
  text = live.hear(state, window(9, 60, 0), kOver);
  EXPECT_EQ(decoder_->calls.size(), calls) << "nothing new is heard";
  ASSERT_EQ(text.segments.size(), 1u);
  EXPECT_EQ(text.segments[0].text, " Ask not what you");
  EXPECT_EQ(text.segments[0].id, 0);
  EXPECT_DOUBLE_EQ(text.segments[0].end, 62);
  EXPECT_THAT(live.hear(state, window(9, 60, 0), kOver).segments, IsEmpty()) << "said once";
}

TEST_F(LiveTranscriberTest, TheNextUtteranceStartsAfreshWithTheTextAsContext) {
  const auto live = make({{"<0.00> One.<1.00>", "<0.00> Two.<1.00>"}});
  auto state = live.begin();
  live.hear(state, window(0, 0, 1.2), kOver);
  const auto text = live.hear(state, window(1, 5, 1), kGoesOn);
  EXPECT_EQ(text.partial->settled, "");
  std::vector<TokenId> context = {V::kPrevious};
  for (const TokenId token : V::tokens("<0.00> One.<1.00>")) context.push_back(token);
  EXPECT_EQ(context_of_last(), context);
  const auto last = live.hear(state, window(1, 5, 1.2), kOver);
  EXPECT_EQ(last.segments.at(0).id, 1);
  EXPECT_DOUBLE_EQ(last.segments.at(0).start, 5);
}

TEST_F(LiveTranscriberTest, ContextIsBounded) {
  const auto live = make({{"<0.00> A long text before.<1.00>", "<0.00> Two.<1.00>"}}, {.context_tokens = 5});
  auto state = live.begin();
  live.hear(state, window(0, 0, 1.2), kOver);
  live.hear(state, window(1, 5, 1), kGoesOn);
  EXPECT_EQ(context_of_last().size(), 6u);
}

TEST_F(LiveTranscriberTest, TheTextBeforeIsADraftThatSavesSteps) {
  const std::string text = "<0.00> A text of many tokens that goes on and on<1.00>";
  const auto live = make({{text, text}});
  auto state = live.begin();
  live.hear(state, window(0, 0, 1), kGoesOn);
  const size_t first = decoder_->calls.size();
  live.hear(state, window(1, 0, 1.2), kGoesOn);
  EXPECT_GT(first, text.size() - 10);
  EXPECT_LE(decoder_->calls.size() - first, 4u);
}

// Whatever the draft is, the text is the one that the window alone gives.
TEST_F(LiveTranscriberTest, AWrongDraftChangesNothing) {
  const std::vector<std::string> texts = {"<0.00> I scream<1.00>",
                                          "<0.00> Ice cream is<1.40><1.40> good<2.00>", "<0.00> I<0.40>",
                                          "<0.00> I scream for ice<2.00>", "<0.00> Quite another<1.00>"};
  const auto live = make({texts});
  for (size_t first = 0; first < texts.size(); ++first)
    for (size_t second = 0; second < texts.size(); ++second) {
      auto state = live.begin();
      live.hear(state, window(static_cast<int>(first), 0, 2), kGoesOn);
      auto alone = live.begin();
      const auto with = live.hear(state, window(static_cast<int>(second), 0, 2), kOver);
      const auto without = live.hear(alone, window(static_cast<int>(second), 0, 2), kOver);
      ASSERT_EQ(with.segments.size(), without.segments.size()) << first << " then " << second;
      for (size_t i = 0; i < with.segments.size(); ++i) {
        EXPECT_EQ(with.segments[i].tokens, without.segments[i].tokens) << first << " then " << second;
        EXPECT_NEAR(with.segments[i].avg_logprob, without.segments[i].avg_logprob, 1e-9);
      }
    }
}

TEST_F(LiveTranscriberTest, ATextGoingRoundInCirclesIsHeardAgainWithoutContext) {
  std::string circles = "<0.00>";
  for (int i = 0; i < 30; ++i) circles += " yes";
  const auto live = make({{"<0.00> Before.<1.00>", circles + "<7.00>"}, {{1, "<0.00> Yes.<1.00>"}}});
  auto state = live.begin();
  live.hear(state, window(0, 0, 2), kOver);
  EXPECT_FALSE(live.hear(state, window(1, 5, 7), kGoesOn).partial) << "nothing is shown of it";
  const auto text = live.hear(state, window(9, 5, 0), kOver);
  ASSERT_EQ(text.segments.size(), 1u);
  EXPECT_EQ(text.segments[0].text, " Yes.");
  live.hear(state, window(0, 20, 1), kGoesOn);
  EXPECT_THAT(context_of_last(), IsEmpty()) << "what comes after such a text does without it";
}

TEST_F(LiveTranscriberTest, TheSameTextTwiceIsNoContext) {
  const auto live = make({{"<0.00> Thank you.<1.00>"}});
  auto state = live.begin();
  live.hear(state, window(0, 0, 1.2), kOver);
  live.hear(state, window(0, 5, 1.2), kOver);
  live.hear(state, window(0, 9, 1), kGoesOn);
  EXPECT_THAT(context_of_last(), IsEmpty());
}

TEST_F(LiveTranscriberTest, OfALongUtteranceTheFirstSegmentsBecomeFinal) {
  const auto live = make({{"<0.00> One is said.<4.00><4.00> Two<9.00>",
                           "<0.00> One is said.<4.00><4.00> Two is<9.40>", "<0.00> Two is said.<8.00>"}});
  auto state = live.begin();
  EXPECT_EQ(live.hear(state, window(0, 30, 9), kGoesOn).settled_samples, 0);
  auto text = live.hear(state, window(1, 30, 10.5), kGoesOn);
  ASSERT_EQ(text.segments.size(), 1u);
  EXPECT_EQ(text.segments[0].text, " One is said.");
  EXPECT_EQ(text.settled_samples, 4 * 16000);
  EXPECT_EQ(text.partial->text(), " Two is");
  EXPECT_DOUBLE_EQ(text.partial->start, 34);
  text = live.hear(state, window(2, 34, 8), kOver);
  ASSERT_EQ(text.segments.size(), 1u);
  EXPECT_EQ(text.segments[0].text, " Two is said.");
  EXPECT_EQ(text.segments[0].id, 1);
  EXPECT_DOUBLE_EQ(text.segments[0].end, 42);
}

TEST_F(LiveTranscriberTest, WhatIsNotSettledCanStillBecomeFinal) {
  const auto live =
      make({{"<0.00> One is said.<4.00><4.00> Two<9.00>", "<0.00> One is said.<4.00><4.00> Two is<9.40>"}});
  auto state = live.begin();
  live.hear(state, window(0, 30, 9), kGoesOn);
  live.hear(state, window(1, 30, 10.5), kGoesOn);
  const auto text = live.hear(state, window(9, 34, 0), kOver);
  ASSERT_EQ(text.segments.size(), 1u);
  EXPECT_EQ(text.segments[0].text, " Two is");
}

TEST_F(LiveTranscriberTest, WithBeamsWhatIsFinalIsNotSaidAgain) {
  options_.beam_size = 2;
  const auto live =
      make({{"<0.00> One is said.<4.00><4.00> Two<9.00>", "<0.00> One is said.<4.00><4.00> Two is<9.40>"}});
  auto state = live.begin();
  live.hear(state, window(0, 30, 9), kGoesOn);
  ASSERT_EQ(live.hear(state, window(1, 30, 10.5), kGoesOn).segments.size(), 1u);
  const auto text = live.hear(state, window(9, 34, 0), kOver);
  ASSERT_EQ(text.segments.size(), 1u);
  EXPECT_EQ(text.segments[0].text, " Two is");
}

TEST_F(LiveTranscriberTest, WhatIsFoundInAPauseIsFinalAtOnce) {
  options_.beam_size = 2;
  const auto live = make({{"<0.00> Ask not<1.00>", "<0.00> Ask not what<1.40>"}});
  auto state = live.begin();
  live.hear(state, window(0, 60, 1), kPause);
  live.anticipate(state);
  const auto calls = decoder_->calls.size();
  auto text = live.hear(state, window(9, 60, 0), kOver);
  EXPECT_EQ(decoder_->calls.size(), calls);
  ASSERT_EQ(text.segments.size(), 1u);
  EXPECT_EQ(text.segments[0].text, " Ask not");
  // One that turns out to have been only a pause changes nothing.
  live.hear(state, window(0, 70, 1), kPause);
  live.anticipate(state);
  live.hear(state, window(1, 70, 1.5), kGoesOn);
  text = live.hear(state, window(9, 70, 0), kOver);
  ASSERT_EQ(text.segments.size(), 1u);
  EXPECT_EQ(text.segments[0].text, " Ask not what");
}

TEST_F(LiveTranscriberTest, TextBeginsWhenItsFirstWordIsSaid) {
  const auto live = make({{"<0.30> Hello.<1.00>"}});
  auto state = live.begin();
  const auto text = live.hear(state, window(0, 60, 1.2), kOver);
  EXPECT_DOUBLE_EQ(text.segments.at(0).start, 60.3);
  EXPECT_DOUBLE_EQ(text.segments.at(0).end, 61);
}

TEST_F(LiveTranscriberTest, SilenceHasNoText) {
  const auto live = make({{"", " "}});
  auto state = live.begin();
  EXPECT_FALSE(live.hear(state, window(1, 0, 1), kGoesOn).partial);
  EXPECT_THAT(live.hear(state, window(1, 0, 1), kOver).segments, IsEmpty());
}

TEST_F(LiveTranscriberTest, EveryStreamRemembersItsOwn) {
  const auto live = make({{"<0.00> One.<1.00>", "<0.00> Two.<1.00>"}});
  auto a = live.begin(), b = live.begin();
  live.hear(a, window(0, 0, 1), kGoesOn);
  live.hear(b, window(1, 0, 1), kGoesOn);
  EXPECT_EQ(live.hear(a, window(9, 0, 0), kOver).segments.at(0).text, " One.");
  EXPECT_EQ(live.hear(b, window(9, 0, 0), kOver).segments.at(0).text, " Two.");
}

}  // namespace
}  // namespace millrace
