#include "decoders/constraint/constraint_rule.h"

#include <gmock/gmock.h>

#include <limits>

#include "decoders/constraint/grammar_constraint.h"
#include "decoders/constraint/regex_grammar.h"

namespace millrace {
namespace {

using ::testing::ElementsAre;

// 0 is the end, 1 "a", 2 "b", 3 "ab".
class ConstraintRuleTest : public ::testing::Test {
 protected:
  static std::vector<TokenId> allowed(const LogitRule& rule, std::vector<TokenId> generated) {
    std::vector<float> logits(4, 1.0f);
    rule.apply({.prompt = {}, .generated = generated}, logits);
    std::vector<TokenId> tokens;
    for (TokenId token = 0; token < 4; ++token)
      if (logits[static_cast<size_t>(token)] == 1.0f) tokens.push_back(token);
    return tokens;
  }
  static ConstraintRule rule(const char* pattern) {
    const auto trie = std::make_shared<const TokenTrie>(std::vector<std::string>{"", "a", "b", "ab"});
    return {std::make_unique<GrammarConstraint>(regex_grammar(pattern), trie), {0}};
  }
};

TEST_F(ConstraintRuleTest, LetsTheEndThroughWhereTheTextIsComplete) {
  const auto pattern = rule("(?:ab)+");
  EXPECT_THAT(allowed(pattern, {}), ElementsAre(1, 3));
  EXPECT_THAT(allowed(pattern, {1}), ElementsAre(2));
  EXPECT_THAT(allowed(pattern, {1, 2}), ElementsAre(0, 1, 3));
  EXPECT_THAT(allowed(rule("ab"), {3}), ElementsAre(0));
}

TEST_F(ConstraintRuleTest, ServesSequencesThatTakeTurns) {
  const auto pattern = rule("(?:ab)*a?");
  for (int round = 0; round < 50; ++round) {
    std::vector<TokenId> one, other = {3};
    for (int i = 0; i < round; ++i) {
      one.push_back(3);
      other.push_back(i + 1 < round ? 3 : 1);
    }
    EXPECT_THAT(allowed(pattern, one), ElementsAre(0, 1, 3));
    if (round > 0) {
      EXPECT_THAT(allowed(pattern, other), ElementsAre(0, 2));
    }
  }
}

}  // namespace
}  // namespace millrace
