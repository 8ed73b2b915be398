#pragma once
#include <cstdint>
#include <vector>

#include "models/settings.h"

namespace millrace {

// The angles per position of rotary embeddings (Su et al., "RoFormer", 2021), stretched to longer contexts as
// transformers' rope types do.
class RotaryFrequencies {
 public:
  // From the settings base, and where given scaling ("default", "linear", "dynamic", "yarn", "longrope" or
  // "llama3") and what each takes: factor, original_positions, positions, low_frequency_factor,
  // high_frequency_factor, beta_fast, beta_slow, attention_factor, mscale, mscale_all_dim, truncate,
  // short_factors, long_factors. `divisors` divide the angles, whatever the type. `dim` is the part of a head
  // that turns.
  RotaryFrequencies(const Settings& settings, int64_t dim);

  // The angle that a position adds, for each of the dim / 2 pairs, in a sequence of `length` positions.
  // Only those of "dynamic" and "longrope" depend on the length.
  std::vector<float> of_length(int64_t length) const;
  // Lengths up to this one have the same.
  int64_t steady_length() const;
  // Sines and cosines are multiplied by it.
  float magnitude() const { return magnitude_; }

 private:
  std::vector<float> plain(double base) const;
  void stretch_llama3(const Settings& settings);
  void stretch_yarn(const Settings& settings);
  void stretch_long(const Settings& settings);

  int64_t dim_;
  double base_;
  float magnitude_ = 1;
  std::vector<float> frequencies_, long_frequencies_;  // the latter for sequences beyond switch_length_
  int64_t switch_length_ = 0;                          // longrope; dynamic: where stretching begins
  double dynamic_factor_ = 0;
};

}  // namespace millrace
