#include "decoders/generation/sequence_batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "tests/decoders/scripted_decoder.h"

namespace millrace {
namespace {

using testing::ScriptedDecoder;

constexpr int64_t kVocabulary = 50;

// The next token depends on all before it.
TokenId follower(std::span<const TokenId> fed) {
  int64_t sum = 1;
  for (const TokenId token : fed) sum = (sum * 7 + token) % 1009;
  return static_cast<TokenId>(sum % kVocabulary);
}

std::shared_ptr<ScriptedDecoder> scripted(int64_t max_length = 64) {
  return std::make_shared<ScriptedDecoder>(
      ScriptedDecoder::Script{.vocabulary = kVocabulary,
                              .max_length = max_length,
                              .logits =
                                  [](int, std::span<const TokenId> fed) {
                                    std::vector<float> logits(kVocabulary, 0);
                                    logits[static_cast<size_t>(follower(fed))] = 1;
                                    return logits;
                                  },
                              .attends = false});
}

TokenId best(const TokensSoFar&, std::span<float> logits) {
  return static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());
}

SequenceRequest request(std::vector<TokenId> prompt, int64_t count) {
  return {.prompt = std::move(prompt),
          .fed = {},
          .max_new_tokens = count,
          .end_tokens = {},
          .choose = best,
          .guess = {}};
}

std::vector<TokenId> expected(std::vector<TokenId> prompt, int64_t count) {
  std::vector<TokenId> written;
  for (int64_t i = 0; i < count; ++i) {
    written.push_back(follower(prompt));
    prompt.push_back(written.back());
  }
  return written;
}

std::vector<TokenId> all(SequenceBatch::Sequence& sequence) {
  std::vector<TokenId> tokens;
  while (const auto token = sequence.next()) tokens.push_back(*token);
  return tokens;
}

TEST(SequenceBatch, WritesWhatTheDecoderSays) {
  SequenceBatch batch(scripted(), {.slots = 2});
  EXPECT_EQ(all(*batch.start(request({1, 2, 3}, 9))), expected({1, 2, 3}, 9));
}

TEST(SequenceBatch, ReadsLongPromptsInChunks) {
  const auto decoder = scripted();
  SequenceBatch batch(decoder, {.slots = 1, .prompt_chunk = 4});
  const std::vector<TokenId> prompt = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_EQ(all(*batch.start(request(prompt, 3))), expected(prompt, 3));
  EXPECT_EQ(decoder->calls.size(), 5U);
}

TEST(SequenceBatch, AnEndTokenIsTheLast) {
  SequenceBatch batch(scripted(), {.slots = 1});
  const auto written = expected({5}, 10);
  auto ends = request({5}, 10);
  ends.end_tokens = {49, written[3]};
  const auto first = std::ranges::find(written, written[3]);
  EXPECT_EQ(all(*batch.start(ends)), std::vector<TokenId>(written.begin(), first + 1));
}

TEST(SequenceBatch, EndsWhereTheContextIsFull) {
  SequenceBatch batch(scripted(16), {.slots = 1});
  EXPECT_EQ(all(*batch.start(request({1, 2, 3}, 100))).size(), 13U);
  EXPECT_THROW(batch.start(request(std::vector<TokenId>(16, 1), 1)), Error);
  EXPECT_THROW(batch.start(request({}, 1)), Error);
  EXPECT_THROW(batch.start(request({kVocabulary}, 1)), Error);
}

TEST(SequenceBatch, AConversationFindsWhatIsComputed) {
  const auto decoder = scripted();
  SequenceBatch batch(decoder, {.slots = 2});
  std::vector<TokenId> talk = {1, 2, 3, 4};
  const auto first = all(*batch.start(request(talk, 5)));
  talk.insert(talk.end(), first.begin(), first.end());
  talk.push_back(7);
  const auto second = batch.start(request(talk, 4));
  EXPECT_EQ(all(*second), expected(talk, 4));
  EXPECT_EQ(second->reused(), 8);  // the last token had been written and not been read
  const auto other = batch.start(request({9, 9}, 2));
  EXPECT_EQ(all(*other), expected({9, 9}, 2));
  EXPECT_EQ(other->reused(), 0);
  const auto same = batch.start(request(talk, 4));
  EXPECT_EQ(all(*same), expected(talk, 4));
  EXPECT_EQ(same->reused(), 9);
}

TEST(SequenceBatch, AnUnwantedSequenceEndsWithinAStep) {
  const auto decoder = scripted();
  SequenceBatch batch(decoder, {.slots = 1, .prompt_chunk = 4});
  const auto unwanted = std::make_shared<CancelToken>();
  auto one = request({1, 2, 3}, 20);
  one.unwanted = unwanted;
  auto waiting = one;
  auto first = batch.start(one);
  const auto second = batch.start(waiting);
  const auto third = batch.start(request({1, 2, 3}, 2));
  EXPECT_TRUE(first->next());
  unwanted->cancel();
  const size_t steps = decoder->calls.size();
  EXPECT_FALSE(second->next()) << "waits for the slot no more";
  while (first->next()) {
  }
  EXPECT_EQ(decoder->calls.size(), steps);
  first.reset();
  EXPECT_EQ(all(*third), expected({1, 2, 3}, 2));
  EXPECT_EQ(third->reused(), 2);
}

TEST(SequenceBatch, AnUnwantedPromptIsNotReadToItsEnd) {
  const auto unwanted = std::make_shared<CancelToken>();
  int steps = 0;
  const auto decoder = std::make_shared<ScriptedDecoder>(
      ScriptedDecoder::Script{.vocabulary = kVocabulary,
                              .max_length = 64,
                              .logits =
                                  [&](int, std::span<const TokenId>) {
                                    if (++steps == 2) unwanted->cancel();
                                    return std::vector<float>(kVocabulary, 0);
                                  },
                              .attends = false});
  SequenceBatch batch(decoder, {.slots = 1, .prompt_chunk = 4});
  auto one = request(std::vector<TokenId>(20, 1), 5);
  one.unwanted = unwanted;
  EXPECT_FALSE(batch.start(one)->next());
  EXPECT_EQ(steps, 2);
}

TEST(SequenceBatch, GuessesThatAreRightSaveSteps) {
  const std::vector<TokenId> prompt = {1, 2, 3};
  const auto written = expected(prompt, 20);
  for (const size_t right : {size_t{0}, size_t{2}, size_t{7}, size_t{30}}) {
    const auto decoder = scripted();
    SequenceBatch batch(decoder, {.slots = 1});
    auto guessing = request(prompt, 20);
    guessing.guess = [&](const TokensSoFar& so_far) {
      std::vector<TokenId> guesses;
      for (size_t i = so_far.generated.size(); i < written.size() && guesses.size() < right; ++i)
        guesses.push_back(written[i]);
      guesses.push_back(13);
      return guesses;
    };
    EXPECT_EQ(all(*batch.start(guessing)), written);
    EXPECT_EQ(decoder->calls.size(), right == 0 ? 20U : right == 2 ? 8U : 4U);
  }
}

TEST(SequenceBatch, ManyAtOnceWriteWhatEachWritesAlone) {
  SequenceBatch batch(scripted(), {.slots = 3, .prompt_chunk = 5});
  std::vector<std::vector<TokenId>> results(12);
  std::vector<std::thread> readers;
  for (size_t i = 0; i < results.size(); ++i)
    readers.emplace_back([&, i] {
      const std::vector<TokenId> prompt(1 + i * 2, static_cast<TokenId>(i));
      results[i] = all(*batch.start(request(prompt, 10 + static_cast<int64_t>(i))));
    });
  for (auto& reader : readers) reader.join();
  for (size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(results[i], expected(std::vector<TokenId>(1 + i * 2, static_cast<TokenId>(i)),
                                   10 + static_cast<int64_t>(i)));
}

TEST(SequenceBatch, WhoStopsReadingMakesRoom) {
  SequenceBatch batch(scripted(), {.slots = 1});
  {
    const auto left = batch.start(request({1}, 50));
    ASSERT_TRUE(left->next());
  }
  EXPECT_EQ(all(*batch.start(request({2}, 5))), expected({2}, 5));
}

TEST(SequenceBatch, AFailureIsToldAndTheNextOneWorks) {
  SequenceBatch batch(scripted(), {.slots = 1});
  auto bad = request({1}, 5);
  bad.choose = [](const TokensSoFar&, std::span<float>) -> TokenId { fail(ErrorKind::input, "no"); };
  EXPECT_THROW(batch.start(bad)->next(), Error);
  EXPECT_EQ(all(*batch.start(request({2}, 5))), expected({2}, 5));
}

}  // namespace
}  // namespace millrace
