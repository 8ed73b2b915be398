#include "decoders/constraint/grammar_constraint.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "base/json_file.h"
#include "decoders/constraint/regex_grammar.h"
#include "decoders/constraint/schema_grammar.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;

// Every byte, and longer tokens as vocabularies have them, some of which go over several parts of JSON.
std::shared_ptr<const TokenTrie> toy_trie() {
  static const auto kTrie = [] {
    std::vector<std::string> tokens = {""};  // 0: the end token
    for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
    for (const char* token :
         {"\":",  "\": \"", "\",",    "\", \"", "{\"",     "\"}",     "}}",    "]}",   "[]",
          "{}",   "[{",     "}, {\"", "\":[",   "\": {\"", "true",    "false", "null", "  ",
          "\n  ", "\n",     "12",     "2024",   "-0",      "0.5",     ", ",    "name", "na",
          "me",   "kind",   "\"kind", "circle", "child",   "ren",     "é",     "\xC3", "\xA9\"",
          "😀",    "\\n",    "\\u00",  "the",    "a b",     "x\",\"y", "\\\"",  "]]",   "}]",
          "1,",   "3}",     "\"],",   "e5",     "abc",     "-0"})  // one of them twice
      tokens.emplace_back(token);
    return std::make_shared<const TokenTrie>(tokens);
  }();
  return kTrie;
}

TEST(TokenTrie, HoldsEveryTokenOnce) {
  const auto trie = toy_trie();
  std::vector<int> seen(static_cast<size_t>(trie->vocabulary()));
  std::string path;
  for (const auto& node : trie->nodes()) {
    path.resize(node.depth - 1u);
    path += static_cast<char>(node.byte);
    for (uint32_t t = 0; t < node.tokens; ++t) {
      const TokenId token = trie->token(node.first_token + t);
      EXPECT_EQ(trie->bytes_of(token), path);
      ++seen[static_cast<size_t>(token)];
    }
  }
  for (size_t token = 0; token < seen.size(); ++token) EXPECT_EQ(seen[token], token == 0 ? 0 : 1) << token;
}

// The mask is right: a token is allowed if and only if its bytes fit, one after another.
void check_mask(GrammarConstraint& constraint, GrammarAutomaton& plain, GrammarAutomaton::Place at) {
  const auto& trie = *toy_trie();
  const TokenMask& mask = constraint.allowed();
  for (TokenId token = 0; token < trie.vocabulary(); ++token) {
    auto place = at;
    for (const char byte : trie.bytes_of(token)) place = plain.step(place, static_cast<uint8_t>(byte));
    ASSERT_EQ(mask.has(token), token != 0 && place != GrammarAutomaton::kNowhere) << trie.bytes_of(token);
  }
}

// A text of random tokens that are allowed, which tends to its end after a while; empty if it finds none.
std::optional<std::string> walk(const Grammar& grammar, std::shared_ptr<GrammarTokens> tokens, uint32_t seed,
                                bool checks) {
  const auto trie = toy_trie();
  GrammarConstraint constraint(std::move(tokens));
  GrammarAutomaton plain(grammar);
  auto place = plain.start();
  std::mt19937 random(seed);
  std::string text;
  for (int step = 0; step < 1500; ++step) {
    if (checks && step < 30) check_mask(constraint, plain, place);
    const TokenMask mask = constraint.allowed();
    std::vector<TokenId> allowed, closing;
    for (TokenId token = 0; token < trie->vocabulary(); ++token) {
      if (!mask.has(token)) continue;
      allowed.push_back(token);
      if (std::string_view("\"}]").find(trie->bytes_of(token)[0]) != std::string_view::npos)
        closing.push_back(token);
    }
    if (constraint.complete() && (allowed.empty() || random() % 4 == 0)) return text;
    if (allowed.empty()) ADD_FAILURE() << "stuck after " << text;
    if (allowed.empty()) return std::nullopt;
    const bool closes = !closing.empty() && random() % 100 < (step < 40 ? 20u : 70u);
    const auto& choice = closes ? closing : allowed;
    const TokenId token = choice[random() % choice.size()];
    EXPECT_TRUE(constraint.advance(token));
    for (const char byte : trie->bytes_of(token)) place = plain.step(place, static_cast<uint8_t>(byte));
    EXPECT_EQ(constraint.complete(), plain.meaning(place).complete);
    text += trie->bytes_of(token);
  }
  return std::nullopt;
}

// Walks for others to check: tests/golden/constraint/make_schemas.py FILE.
void write_walk(Json line, const std::string& text) {
  const char* file = std::getenv("MILLRACE_WALKS");
  if (file == nullptr) return;
  line["text"] = text;
  std::ofstream(file, std::ios::app) << line.dump() << "\n";
}

TEST(GrammarConstraint, EveryWalkEndsInATextThatFits) {
  const auto file =
      read_text(MILLRACE_SOURCE_DIR "/tests/golden/constraint/schemas.json", ErrorKind::internal, 1u << 20);
  const uint32_t walks = std::getenv("MILLRACE_WALKS") != nullptr ? 200 : 6;
  for (const auto& schema_case : Json::parse(file)) {
    const auto grammar = schema_grammar(schema_case["schema"]);
    const auto tokens = std::make_shared<GrammarTokens>(grammar, toy_trie());
    uint32_t complete = 0;
    for (uint32_t seed = 0; seed < walks; ++seed) {
      const auto text = walk(grammar, tokens, seed, seed < 2);
      if (!text) continue;
      ++complete;
      ASSERT_TRUE(grammar_fits(grammar, *text)) << *text;
      ASSERT_NO_THROW(Json::parse(*text)) << *text;
      write_walk({{"schema", schema_case["schema"]}}, *text);
    }
    EXPECT_GT(2 * complete, walks) << schema_case["schema"];
  }
  for (const char* pattern :
       {"[a-z]+@[a-z]+\\.(?:org|net)", "(?:\\d{3}-)?\\d{4}", "[^\"]*\"x", "(?:a|bc)*d?", "\\W\\S\\D{2}.é"}) {
    const auto grammar = regex_grammar(pattern);
    const auto tokens = std::make_shared<GrammarTokens>(grammar, toy_trie());
    for (uint32_t seed = 0; seed < walks; ++seed)
      if (const auto text = walk(grammar, tokens, seed, seed < 2)) write_walk({{"pattern", pattern}}, *text);
  }
}

TEST(GrammarConstraint, OtherTokensChangeNothing) {
  GrammarConstraint constraint(regex_grammar("ab"), toy_trie());
  EXPECT_FALSE(constraint.advance('b' + 1));
  EXPECT_FALSE(constraint.advance(0));
  EXPECT_FALSE(constraint.advance(100'000));
  EXPECT_TRUE(constraint.advance('a' + 1));
  const auto other = constraint.clone();
  EXPECT_TRUE(constraint.advance('b' + 1));
  EXPECT_TRUE(constraint.complete());
  EXPECT_FALSE(other->complete());
  EXPECT_TRUE(other->allowed().has('b' + 1));
}

TEST(TokenMask, RulesOutWhatIsNotInIt) {
  TokenMask mask(130);
  mask.add(0);
  mask.add(129);
  std::vector<float> logits(131, 1.0f);
  mask.rule_out_others(logits);
  for (size_t i = 0; i < logits.size(); ++i) EXPECT_EQ(logits[i] == 1.0f, i == 0 || i == 129);
}

}  // namespace
}  // namespace millrace
