#include "decoders/search/sampler.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace millrace {
namespace {

constexpr float kOut = -std::numeric_limits<float>::infinity();

TEST(Random, GivesTheSameNumbersEverywhere) {
  // Of the published algorithms (xoshiro256++ seeded by splitmix64 from 0), not of this implementation.
  Random random(0);
  EXPECT_EQ(random.next(), 0x53175d61490b23dfu);
  EXPECT_EQ(random.next(), 0x61da6f3dc380d507u);
  EXPECT_EQ(random.next(), 0x5c0fdf91ec9a7bfcu);
}

TEST(Sampler, TakesTheBestAtTemperatureZero) {
  Sampler sampler(1);
  EXPECT_EQ(sampler.sample(std::array{1.f, 5.f, 5.f, 2.f}, 0), 1);
  EXPECT_EQ(sampler.sample(std::array{kOut, kOut, -9.f}, 0), 2);
  EXPECT_EQ(sampler.sample(std::array{kOut, kOut}, 0), -1);
  EXPECT_EQ(sampler.sample(std::array{kOut, kOut}, 1), -1);
}

TEST(Sampler, DrawsByTheSoftmaxAtItsTemperature) {
  const std::array<float, 4> scores = {0, std::log(2.f), kOut, std::log(5.f)};
  for (const float temperature : {1.f, 0.5f, 2.f}) {
    std::array<double, 4> expected{};
    double sum = 0;
    for (size_t i = 0; i < 4; ++i)
      sum += expected[i] = std::exp(static_cast<double>(scores[i] / temperature));
    std::array<int, 4> drawn{};
    Sampler sampler(7);
    constexpr int kDraws = 20000;
    for (int i = 0; i < kDraws; ++i) ++drawn[static_cast<size_t>(sampler.sample(scores, temperature))];
    EXPECT_EQ(drawn[2], 0);
    for (size_t i = 0; i < 4; ++i)
      EXPECT_NEAR(drawn[i] / double{kDraws}, expected[i] / sum, 0.015) << temperature;
  }
}

TEST(Sampler, RepeatsItselfWithTheSameSeedOnly) {
  const std::vector<float> scores(100, 0.f);
  const auto draws = [&](uint64_t seed) {
    Sampler sampler(seed);
    std::vector<TokenId> tokens;
    for (int i = 0; i < 20; ++i) tokens.push_back(sampler.sample(scores, 1));
    return tokens;
  };
  EXPECT_EQ(draws(3), draws(3));
  EXPECT_NE(draws(3), draws(4));
}

TEST(MixSeeds, DependsOnEveryNumberAndTheirOrder) {
  EXPECT_NE(mix_seeds(std::array<uint64_t, 2>{1, 2}), mix_seeds(std::array<uint64_t, 2>{2, 1}));
  EXPECT_NE(mix_seeds(std::array<uint64_t, 2>{1, 2}), mix_seeds(std::array<uint64_t, 2>{1, 3}));
}

}  // namespace
}  // namespace millrace
