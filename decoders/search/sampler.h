#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace millrace {

// xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded by
// splitmix64: the same numbers on every machine and with every standard library.
class Random {
 public:
  explicit Random(uint64_t seed);
  uint64_t next();
  double uniform();  // in [0, 1), 53 bits

 private:
  std::array<uint64_t, 4> state_;
};

// One seed from several numbers, so that parts of a work draw independently of the order they are done in.
uint64_t mix_seeds(std::span<const uint64_t> numbers);

// Chooses tokens from scores. Not thread-safe: one per sequence.
class Sampler {
 public:
  explicit Sampler(uint64_t seed) : random_(seed) {}

  // `scores` are logits or log probabilities, with -infinity where a token is ruled out. Temperature 0 takes
  // the best (the lowest id among equals); else a draw from softmax(scores / temperature). -1 when everything
  // is ruled out.
  TokenId sample(std::span<const float> scores, float temperature);

 private:
  Random random_;
  std::vector<float> weights_;
};

}  // namespace millrace
