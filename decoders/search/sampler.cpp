#include "decoders/search/sampler.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "kernels/kernels.h"

namespace millrace {
namespace {

uint64_t splitmix64(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

constexpr float kRuledOut = -std::numeric_limits<float>::infinity();

}  // namespace

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) word = splitmix64(seed);
}

uint64_t Random::next() {
  auto& s = state_;
  const uint64_t result = std::rotl(s[0] + s[3], 23) + s[0];
  const uint64_t shifted = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = std::rotl(s[3], 45);
  return result;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

uint64_t mix_seeds(std::span<const uint64_t> numbers) {
  uint64_t mixed = 0;
  for (const uint64_t number : numbers) {
    uint64_t state = mixed ^ number;
    mixed = splitmix64(state);
  }
  return mixed;
}

TokenId Sampler::sample(std::span<const float> scores, float temperature) {
  const auto best = std::max_element(scores.begin(), scores.end());
  if (best == scores.end() || *best == kRuledOut) return -1;
  if (temperature <= 0) return static_cast<TokenId>(best - scores.begin());

  weights_.resize(scores.size());
  for (size_t i = 0; i < scores.size(); ++i) weights_[i] = (scores[i] - *best) / temperature;
  kernels::softmax(weights_.data(), 1, static_cast<int64_t>(weights_.size()));
  double total = 0;
  for (const float weight : weights_) total += weight;

  double left = random_.uniform() * total;
  TokenId last = static_cast<TokenId>(best - scores.begin());
  for (size_t i = 0; i < weights_.size(); ++i) {
    if (weights_[i] <= 0) continue;
    last = static_cast<TokenId>(i);
    left -= weights_[i];
    if (left < 0) break;
  }
  return last;
}

}  // namespace millrace
