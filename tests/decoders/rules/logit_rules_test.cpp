#include "decoders/rules/logit_rules.h"

#include <gmock/gmock.h>

#include <limits>

namespace millrace {
namespace {

using ::testing::ElementsAre;
constexpr float kOut = -std::numeric_limits<float>::infinity();

std::vector<float> applied(const LogitRule& rule, std::vector<TokenId> prompt, std::vector<TokenId> generated,
                           std::vector<float> logits) {
  rule.apply({.prompt = prompt, .generated = generated}, logits);
  return logits;
}

TEST(LogitRules, SuppressedTokensAreRuledOutAlways) {
  const SuppressTokens rule({1, 3, 99, -5});
  EXPECT_THAT(applied(rule, {}, {}, {1, 2, 3, 4}), ElementsAre(1, kOut, 3, kOut));
  EXPECT_THAT(applied(rule, {}, {0}, {1, 2, 3, 4}), ElementsAre(1, kOut, 3, kOut));
}

TEST(LogitRules, SuppressedAtBeginOnlyThere) {
  const SuppressTokensAtBegin rule({2});
  EXPECT_THAT(applied(rule, {2}, {}, {1, 2, 3}), ElementsAre(1, 2, kOut));
  EXPECT_THAT(applied(rule, {2}, {0}, {1, 2, 3}), ElementsAre(1, 2, 3));
}

TEST(LogitRules, RepetitionPenaltyShrinksEachSeenTokenOnce) {
  const RepetitionPenalty generated(2, RepetitionPenalty::Scope::generated);
  EXPECT_THAT(applied(generated, {2}, {0, 0, 1}, {4, -4, 4, 4}), ElementsAre(2, -8, 4, 4));
  const RepetitionPenalty all(2, RepetitionPenalty::Scope::prompt_and_generated);
  EXPECT_THAT(applied(all, {2}, {0}, {4, -4, 4, 4}), ElementsAre(2, -4, 2, 4));
}

TEST(LogitRules, NoNgramAppearsTwice) {
  const NoRepeatNgram pairs(2);
  EXPECT_THAT(applied(pairs, {}, {0, 1, 2, 0}, {9, 9, 9}), ElementsAre(9, kOut, 9));
  EXPECT_THAT(applied(pairs, {}, {0}, {9, 9, 9}), ElementsAre(9, 9, 9));
  EXPECT_THAT(applied(pairs, {}, {}, {9, 9, 9}), ElementsAre(9, 9, 9));
  // "0 0" was written: a third 0 would write it again.
  EXPECT_THAT(applied(pairs, {}, {0, 0}, {9, 9, 9}), ElementsAre(kOut, 9, 9));
  EXPECT_THAT(applied(NoRepeatNgram(1), {}, {2, 0}, {9, 9, 9}), ElementsAre(kOut, 9, kOut));
  EXPECT_THAT(applied(NoRepeatNgram(3), {}, {0, 1, 2, 0, 1}, {9, 9, 9}), ElementsAre(9, 9, kOut));
}

}  // namespace
}  // namespace millrace
