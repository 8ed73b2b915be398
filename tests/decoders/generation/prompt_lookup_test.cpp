#include "decoders/generation/prompt_lookup.h"

#include <gmock/gmock.h>

#include "base/json_file.h"
#include "decoders/rules/generation_rules.h"

namespace millrace {
namespace {

TEST(PromptLookup, GuessesAsTransformers) {
  const auto cases = read_json(MILLRACE_SOURCE_DIR "/tests/golden/sampling/prompt_lookup.json",
                               ErrorKind::internal, 1u << 20);
  size_t guesses = 0;
  for (const auto& expected : cases) {
    GenerationOptions options;
    options.no_repeat_ngram_size = expected["no_repeat_ngram_size"];
    options.bad_words_ids = expected["bad_words_ids"];
    options.eos_token_id = expected["eos_token_id"].get<std::vector<TokenId>>();
    const PromptLookup lookup({expected["tokens"], expected["ngram"], expected["max_length"]},
                              make_rules(options), options.eos_token_id, expected["vocabulary"]);
    const auto ids = expected["ids"].get<std::vector<TokenId>>();
    const auto guess = expected["guess"].get<std::vector<TokenId>>();
    const std::span<const TokenId> all = ids;
    ASSERT_EQ(lookup.candidates({.prompt = all, .generated = {}}), guess) << expected;
    ASSERT_EQ(lookup.candidates({.prompt = all.first(1), .generated = all.subspan(1)}), guess) << expected;
    guesses += guess.empty() ? 0 : 1;
  }
  EXPECT_GT(guesses, 50u);
}

// Logits that depend on the last two tokens, so that texts go in circles sooner or later.
std::vector<float> toy_logits(std::span<const TokenId> tokens) {
  std::vector<float> row;
  const auto last = static_cast<uint32_t>(tokens.back() * 7 + tokens[tokens.size() - 2]);
  for (uint32_t token = 0; token < 7; ++token)
    row.push_back(static_cast<float>((last * 37 + token * 101) % 23) / 4);
  return row;
}

std::vector<TokenId> generated(const GenerationOptions& options, int64_t count, bool looks_up,
                               int64_t& passes) {
  const std::vector<TokenId> prompt = {1, 2, 3, 1, 2};
  const auto rules = make_rules(options);
  const auto length = static_cast<int64_t>(prompt.size()) + count;
  const PromptLookup lookup({.tokens = 4, .ngram = 3, .max_length = length}, {}, options.eos_token_id, 7);
  Sampler sampler(*options.seed);
  std::vector<TokenId> text;
  while (static_cast<int64_t>(text.size()) < count) {
    const TokensSoFar so_far = {.prompt = prompt, .generated = text};
    const auto guess = looks_up ? lookup.candidates(so_far) : std::vector<TokenId>{};
    std::vector<float> rows;
    auto fed = all_tokens(so_far);
    for (size_t i = 0; i <= guess.size(); ++i) {
      const auto row = toy_logits(fed);
      rows.insert(rows.end(), row.begin(), row.end());
      if (i < guess.size()) fed.push_back(guess[i]);
    }
    const auto taken = accept_guess(guess, rows, so_far, rules, options.eos_token_id, sampler,
                                    options.samples() ? 1.0f : 0.0f);
    EXPECT_FALSE(taken.empty());
    text.insert(text.end(), taken.begin(), taken.end());
    ++passes;
    if (!options.eos_token_id.empty() && text.back() == options.eos_token_id[0]) break;
  }
  return text;
}

TEST(PromptLookup, ChangesNoTokenWhetherGreedyOrDrawn) {
  for (const char* asked : {R"({})", R"({"temperature": 0.3})", R"({"temperature": 1.5, "top_k": 3})",
                            R"({"repetition_penalty": 1.2})", R"({"eos_token_id": [5], "temperature": 1})"}) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      auto options = with_options({}, nlohmann::json::parse(asked), ErrorKind::internal, "here");
      options.seed = seed;
      int64_t with = 0, without = 0;
      ASSERT_EQ(generated(options, 60, true, with), generated(options, 60, false, without)) << asked << seed;
      ASSERT_LE(with, without);
    }
  }
  GenerationOptions greedy;
  greedy.seed = 0;
  int64_t passes = 0;
  EXPECT_EQ(generated(greedy, 60, true, passes).size(), 60u);
  EXPECT_LT(passes, 40);
}

}  // namespace
}  // namespace millrace
