#include "decoders/search/generate_beam_search.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <set>

#include "base/json_file.h"
#include "decoders/rules/distribution.h"
#include "decoders/rules/generation_rules.h"

namespace millrace {
namespace {

// As tests/golden/sampling/make_beams.py has it.
float toy_logit(uint32_t seed, uint32_t before, uint32_t last, uint32_t token) {
  uint32_t h = seed * 0x9E3779B1u + before * 0x85EBCA77u + last * 0xC2B2AE3Du + token * 0x27D4EB2Fu;
  for (int i = 0; i < 2; ++i) h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
  return static_cast<float>(h >> 8) * 0x1.0p-24f;
}

struct Toy {
  int64_t vocabulary;
  uint32_t seed;
  float scale;

  std::vector<float> logits(std::span<const TokenId> tokens) const {
    std::vector<float> row;
    for (int64_t token = 0; token < vocabulary; ++token)
      row.push_back(scale * toy_logit(seed, static_cast<uint32_t>(tokens[tokens.size() - 2]),
                                      static_cast<uint32_t>(tokens.back()), static_cast<uint32_t>(token)));
    return row;
  }
};

std::vector<Hypothesis> search(const Toy& toy, const std::vector<TokenId>& prompt,
                               const GenerationOptions& options, std::optional<uint64_t> seed = {}) {
  const auto rules = make_rules(options);
  GenerateBeamSearch search({.vocabulary = toy.vocabulary,
                             .max_new_tokens = *options.max_new_tokens,
                             .length_penalty = options.length_penalty,
                             .prefix = {}},
                            {.count = static_cast<int>(options.num_beams),
                             .early_stopping = options.early_stopping,
                             .end_tokens = options.eos_token_id,
                             .sampling_seed = seed});
  while (!search.finished()) {
    std::vector<float> rows;
    for (const Beam& beam : search.beams()) {
      const TokensSoFar so_far = {.prompt = prompt, .generated = beam.tokens};
      auto row = log_probabilities_of(toy.logits(all_tokens(so_far)));
      apply_rules(rules, so_far, row);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    search.advance(rows);
  }
  auto found = search.hypotheses();
  if (found.size() > static_cast<size_t>(options.num_return_sequences))
    found.resize(static_cast<size_t>(options.num_return_sequences));
  return found;
}

TEST(GenerateBeamSearch, AgreesWithTransformers) {
  const auto cases =
      read_json(MILLRACE_SOURCE_DIR "/tests/golden/sampling/beams.json", ErrorKind::internal, 4u << 20);
  ASSERT_GT(cases.size(), 200u);
  for (const auto& expected : cases) {
    const Toy toy = {expected["vocabulary"], expected["seed"], expected["scale"]};
    const auto options = with_options({}, expected["options"], ErrorKind::internal, "beams.json");
    const auto found = search(toy, expected["prompt"], options);
    ASSERT_EQ(found.size(), expected["sequences"].size()) << expected;
    for (size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].tokens, expected["sequences"][i][0].get<std::vector<TokenId>>()) << expected;
      const double score = expected["sequences"][i][1];
      ASSERT_NEAR(found[i].score, score, 1e-6 * std::max(1.0, std::abs(score))) << expected;
    }
  }
}

TEST(GenerateBeamSearch, DrawsDifferFromSeedToSeedOnly) {
  const Toy toy = {30, 5, 4};
  GenerationOptions options;
  options.num_beams = 3;
  options.max_new_tokens = 12;
  options.eos_token_id = {7};
  std::set<std::vector<TokenId>> different;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const auto found = search(toy, {1, 2}, options, seed);
    EXPECT_EQ(found.at(0).tokens, search(toy, {1, 2}, options, seed).at(0).tokens);
    different.insert(found.at(0).tokens);
  }
  EXPECT_GT(different.size(), 1u);
}

TEST(GenerateBeamSearch, EndsWhereOnlyTheEndIsAllowed) {
  GenerateBeamSearch search({.vocabulary = 3, .max_new_tokens = 9, .prefix = {}},
                            {.count = 2, .end_tokens = {0}});
  constexpr float kOut = -std::numeric_limits<float>::infinity();
  search.advance(std::vector<float>{kOut, -0.1f, kOut});
  ASSERT_EQ(search.beams().size(), 1u);
  search.advance(std::vector<float>{-0.2f, kOut, kOut});
  EXPECT_TRUE(search.finished());
  EXPECT_EQ(search.hypotheses().at(0).tokens, std::vector<TokenId>{1});
}

}  // namespace
}  // namespace millrace
