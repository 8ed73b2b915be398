#include "decoders/search/token_search.h"

#include <algorithm>
#include <cmath>

namespace millrace {

TokenSearch::TokenSearch(SearchOptions options) : options_(std::move(options)) {
  if (options_.max_new_tokens > 0) {
    beams_.push_back({.tokens = options_.prefix, .log_probability = 0, .source = 0});
  } else {
    complete(options_.prefix, 0);
  }
}

void TokenSearch::complete(std::vector<TokenId> tokens, double log_probability) {
  const double length = std::max<double>(1, static_cast<double>(tokens.size()));
  const double score = log_probability / std::pow(length, options_.length_penalty);
  completed_.push_back({std::move(tokens), log_probability, score});
}

std::vector<Hypothesis> TokenSearch::hypotheses() const {
  std::vector<Hypothesis> ranked = completed_;
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; });
  return ranked;
}

}  // namespace millrace
