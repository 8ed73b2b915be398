#pragma once
#include <optional>

#include "decoders/generation/generation_options.h"
#include "decoders/search/sampler.h"
#include "decoders/search/token_search.h"

namespace millrace {

// Beam search as transformers' `generate` does it: at each step the best beams * (1 + end tokens)
// continuations are ranked; those among the best `beams` that end compete for the `beams` places of complete
// sequences, the best that do not end live on. It stops by early_stopping: once all places are taken (yes),
// or once the best living beam cannot beat the worst of them, judged by its length so far (no) or, with a
// length penalty above 0, by the longest it may get (never). Scores are float32, as there. A sequence that
// has ended is never written on, and a continuation that is ruled out is none, even where that leaves fewer
// beams.
//
// Unlike BeamSearch, which follows CTranslate2, the end token counts for a hypothesis's length, and
// hypotheses() has at most `beams`.
class GenerateBeamSearch : public TokenSearch {
 public:
  struct Beams {
    int count = 1;
    GenerationOptions::EarlyStopping early_stopping = GenerationOptions::EarlyStopping::no;
    std::vector<TokenId> end_tokens;             // instead of SearchOptions::end_token
    std::optional<uint64_t> sampling_seed = {};  // continuations are drawn without replacement, not ranked
  };
  GenerateBeamSearch(SearchOptions options, Beams beams);
  int width() const override { return beams_wanted_.count; }
  void advance(std::span<const float> log_probabilities) override;

 private:
  struct Candidate {
    float log_probability = 0;
    int beam = 0;
    TokenId token = 0;
    bool ends = false;  // by an end token or the last step
  };
  std::vector<Candidate> rank(std::span<const float> log_probabilities);
  std::vector<TokenId> extended(const Candidate& candidate) const;
  bool is_end(TokenId token) const;
  void take_finished(std::vector<Candidate> candidates);
  bool may_improve(float best_living) const;

  Beams beams_wanted_;
  std::optional<Random> random_;
};

}  // namespace millrace
