#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "decoders/search/beam_search.h"
#include "decoders/search/sampled_search.h"

namespace millrace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
constexpr float kOut = -std::numeric_limits<float>::infinity();
constexpr TokenId kEnd = 0;

SearchOptions options(int64_t vocabulary, int64_t max_new_tokens = 10) {
  return {.vocabulary = vocabulary,
          .end_token = kEnd,
          .max_new_tokens = max_new_tokens,
          .length_penalty = 1,
          .prefix = {}};
}

std::vector<float> logs(std::vector<float> probabilities) {
  for (float& p : probabilities) p = p > 0 ? std::log(p) : kOut;
  return probabilities;
}

TEST(Largest, FindsTheBestInOrder) {
  EXPECT_THAT(largest(std::vector<float>{1, 7, 3, 7, kOut, 5}, 3), ElementsAre(1, 3, 5));
  EXPECT_THAT(largest(std::vector<float>{kOut, 2, kOut}, 3), ElementsAre(1));
  EXPECT_THAT(largest(std::vector<float>{}, 3), IsEmpty());
}

TEST(Largest, AgreesWithSorting) {
  std::mt19937 generator(5);
  std::uniform_int_distribution<int> value(0, 300);
  for (size_t size : {1u, 31u, 32u, 33u, 1000u}) {
    std::vector<float> values(size);
    for (float& v : values) v = static_cast<float>(value(generator));
    std::vector<int32_t> order(size);
    for (size_t i = 0; i < size; ++i) order[i] = static_cast<int32_t>(i);
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return values[static_cast<size_t>(a)] > values[static_cast<size_t>(b)];
    });
    for (size_t count : {1u, 2u, 10u}) {
      const std::vector<int32_t> expected(order.begin(),
                                          order.begin() + static_cast<ptrdiff_t>(std::min(count, size)));
      EXPECT_EQ(largest(values, count), expected) << size << " " << count;
    }
  }
}

TEST(BeamSearch, FindsTheLikelySequenceThatGreedyMisses) {
  // From the start 1 is likelier than 2, but only 2 leads on to something likely.
  const auto first = logs({0, 0.6f, 0.4f, 0});
  const auto after_1 = logs({0.4f, 0.3f, 0.3f, 0}), after_2 = logs({0.05f, 0, 0, 0.95f}),
             after_3 = logs({1, 0, 0, 0});
  const auto run = [&](TokenSearch& search) {
    search.advance(first);
    while (!search.finished()) {
      std::vector<float> rows;
      for (const Beam& beam : search.beams()) {
        const auto& row = beam.tokens.back() == 1 ? after_1 : beam.tokens.back() == 2 ? after_2 : after_3;
        rows.insert(rows.end(), row.begin(), row.end());
      }
      search.advance(rows);
    }
    return search.hypotheses();
  };
  BeamSearch beams(options(4), 2, 1);
  const auto found = run(beams);
  EXPECT_THAT(found.at(0).tokens, ElementsAre(2, 3));
  EXPECT_NEAR(found.at(0).log_probability, std::log(0.4 * 0.95), 1e-6);
  EXPECT_NEAR(found.at(0).score, std::log(0.4 * 0.95) / 2, 1e-6);

  SampledSearch greedy(options(4), {.count = 1, .temperature = 0, .seed = 0});
  EXPECT_THAT(run(greedy).at(0).tokens, ElementsAre(1));
}

TEST(BeamSearch, BeamsSayWhichTheyContinue) {
  BeamSearch search(options(4), 2, 1);
  search.advance(logs({0, 0.5f, 0.3f, 0.2f}));
  ASSERT_EQ(search.beams().size(), 2u);
  EXPECT_EQ(search.beams()[1].source, 0);
  auto rows = logs({0, 0.1f, 0.1f, 0.1f});
  const auto second = logs({0, 0.9f, 0.05f, 0.8f});
  rows.insert(rows.end(), second.begin(), second.end());
  search.advance(rows);
  EXPECT_THAT(search.beams()[0].tokens, ElementsAre(2, 1));
  EXPECT_EQ(search.beams()[0].source, 1);
  EXPECT_THAT(search.beams()[1].tokens, ElementsAre(2, 3));
}

TEST(BeamSearch, PatienceWaitsForMoreCandidates) {
  const auto steps = [](double patience) {
    BeamSearch search(options(3, 50), 2, patience);
    int count = 0;
    for (; !search.finished(); ++count) {
      std::vector<float> rows;
      for (size_t i = 0; i < search.beams().size(); ++i)
        for (const float p : logs({0.5f, 0.3f, 0.2f})) rows.push_back(p);
      search.advance(rows);
    }
    return std::pair(count, search.hypotheses().size());
  };
  const auto [quick, few] = steps(1);
  const auto [slow, more] = steps(3);
  EXPECT_GE(few, 2u);
  EXPECT_LT(few, 6u);
  EXPECT_GE(more, 6u);
  EXPECT_GT(slow, quick);
}

TEST(BeamSearch, EndsAtTheLimitWithWhatThereIs) {
  BeamSearch search(options(3, 2), 2, 1);
  search.advance(logs({0, 0.6f, 0.4f}));
  EXPECT_FALSE(search.finished());
  std::vector<float> rows;
  for (int i = 0; i < 2; ++i)
    for (const float p : logs({0, 0.6f, 0.4f})) rows.push_back(p);
  search.advance(rows);
  EXPECT_TRUE(search.finished());
  EXPECT_THAT(search.hypotheses().at(0).tokens, ElementsAre(1, 1));
}

TEST(BeamSearch, RuledOutTokensNeverAppear) {
  BeamSearch search(options(4, 50), 3, 1);
  search.advance(logs({0, 1, 0, 0}));
  ASSERT_EQ(search.beams().size(), 1u);
  search.advance(std::vector<float>(4, kOut));  // nothing is left to say
  EXPECT_TRUE(search.finished());
  EXPECT_THAT(search.hypotheses().at(0).tokens, ElementsAre(1));
}

TEST(Search, LengthPenaltyRanksHypotheses) {
  // "1" with log 0.3, and "2 2" with log 0.12: per token the longer one is better, in all the shorter one.
  for (const double penalty : {0.0, 1.0}) {
    auto chosen = options(3);
    chosen.length_penalty = penalty;
    BeamSearch search(chosen, 2, 1);
    search.advance(logs({0, 0.5f, 0.4f}));
    auto rows = logs({0.6f, 0, 0});
    for (const float p : logs({0, 0, 0.5f})) rows.push_back(p);
    search.advance(rows);
    search.advance(logs({0.6f, 0, 0}));
    EXPECT_EQ(search.hypotheses().at(0).tokens.size(), penalty == 0 ? 1u : 2u);
  }
}

TEST(Search, BeginsWithThePrefix) {
  auto chosen = options(3);
  chosen.prefix = {2, 2};
  BeamSearch search(chosen, 2, 1);
  EXPECT_THAT(search.beams().at(0).tokens, ElementsAre(2, 2));
  search.advance(logs({0.9f, 0.1f, 0}));
  search.advance(logs({1, 0, 0}));
  EXPECT_THAT(search.hypotheses().at(0).tokens, ElementsAre(2, 2));
  EXPECT_NEAR(search.hypotheses().at(0).log_probability, std::log(0.9), 1e-6);
}

TEST(Search, WithoutRoomThereIsNothingToSay) {
  BeamSearch search(options(3, 0), 2, 1);
  EXPECT_TRUE(search.finished());
  EXPECT_THAT(search.hypotheses().at(0).tokens, IsEmpty());
}

TEST(SampledSearch, DrawsIndependentlyAndKeepsTheBest) {
  SampledSearch search(options(4, 3), {.count = 5, .temperature = 1, .seed = 11});
  std::vector<std::vector<TokenId>> seen;
  while (!search.finished()) {
    std::vector<float> rows;
    for (size_t i = 0; i < search.beams().size(); ++i)
      for (const float p : logs({0.1f, 0.5f, 0.3f, 0.1f})) rows.push_back(p);
    search.advance(rows);
    for (const Beam& beam : search.beams()) EXPECT_LT(beam.source, 5);
  }
  const auto found = search.hypotheses();
  ASSERT_EQ(found.size(), 5u);
  for (size_t i = 1; i < found.size(); ++i) EXPECT_GE(found[i - 1].score, found[i].score);
  EXPECT_NE(found.front().tokens, found.back().tokens);
}

}  // namespace
}  // namespace millrace
