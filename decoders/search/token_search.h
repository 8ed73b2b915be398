#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace millrace {

// A sequence that a search has completed. `tokens` begin with the search's prefix and hold no end token.
struct Hypothesis {
  std::vector<TokenId> tokens;
  double log_probability = 0;  // of the tokens after the prefix, with the end token where there was one
  double score = 0;            // log_probability / tokens.size() ^ length_penalty
};

// A sequence that a search is still writing.
struct Beam {
  std::vector<TokenId> tokens;  // begins with the search's prefix
  double log_probability = 0;
  int source = 0;  // which of the beams before the last advance() it continues
};

struct SearchOptions {
  int64_t vocabulary = 0;
  TokenId end_token = 0;
  int64_t max_new_tokens = 0;
  double length_penalty = 1;
  std::vector<TokenId> prefix;  // tokens that every sequence begins with
};

// The search for good continuations of one prompt, a token at a time. It knows nothing of the model: whoever
// runs it feeds the last token of each of beams() and hands the outcome to advance(), until finished().
class TokenSearch {
 public:
  explicit TokenSearch(SearchOptions options);
  virtual ~TokenSearch() = default;

  virtual int width() const = 0;  // beams there can be at most

  // The living beams; at the start a single one that holds the prefix. Beam i continues beam `source` of
  // before.
  const std::vector<Beam>& beams() const { return beams_; }
  bool finished() const { return beams_.empty(); }

  // `log_probabilities` [beams, vocabulary] of each beam's next token, -infinity where a token is ruled out.
  virtual void advance(std::span<const float> log_probabilities) = 0;

  // What was completed, best score first (the earlier one among equals).
  std::vector<Hypothesis> hypotheses() const;

 protected:
  void complete(std::vector<TokenId> tokens, double log_probability);
  bool is_last_step() const { return step_ >= options_.max_new_tokens; }

  SearchOptions options_;
  std::vector<Beam> beams_;
  std::vector<Hypothesis> completed_;
  int64_t step_ = 0;  // tokens chosen so far; implementations count
};

}  // namespace millrace
