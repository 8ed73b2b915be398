#pragma once
#include "decoders/search/token_search.h"

namespace millrace {

// Beam search. At each step the best 2 * beam_size continuations of all beams are ranked; end tokens among
// the best beam_size complete their sequence, the best others live on. It is over once beam_size * patience
// sequences are complete (Kasai et al., "A call for clarity in beam search", 2022), as CTranslate2 does it.
class BeamSearch : public TokenSearch {
 public:
  BeamSearch(SearchOptions options, int beam_size, double patience);
  int width() const override { return beam_size_; }
  void advance(std::span<const float> log_probabilities) override;

 private:
  struct Candidate {
    double log_probability = 0;
    int beam = 0;
    TokenId token = 0;
  };
  std::vector<Candidate> rank(std::span<const float> log_probabilities) const;
  std::vector<TokenId> extended(const Candidate& candidate) const;

  int beam_size_;
  size_t enough_;  // complete sequences
};

// The `count` largest of `values`, best first (the lowest index among equals), without those that are
// -infinity.
std::vector<int32_t> largest(std::span<const float> values, size_t count);

}  // namespace millrace
