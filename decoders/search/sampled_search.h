#pragma once
#include "decoders/search/sampler.h"
#include "decoders/search/token_search.h"

namespace millrace {

// `count` sequences drawn independently of each other at a temperature; the best of them is the result.
// Temperature 0 with one sequence is greedy decoding.
class SampledSearch : public TokenSearch {
 public:
  struct Draw {
    int count = 1;
    float temperature = 0;
    uint64_t seed = 0;
  };
  SampledSearch(SearchOptions options, const Draw& draw);
  int width() const override { return draw_.count; }
  void advance(std::span<const float> log_probabilities) override;

 private:
  Draw draw_;
  std::vector<Sampler> samplers_;  // one per living beam
};

}  // namespace millrace
