#include "decoders/search/generate_beam_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "decoders/rules/distribution.h"

namespace millrace {
namespace {

using EarlyStopping = GenerationOptions::EarlyStopping;
constexpr float kRuledOut = -std::numeric_limits<float>::infinity();

float per_length(float log_probability, int64_t length, double penalty) {
  return log_probability / static_cast<float>(std::pow(static_cast<double>(length), penalty));
}

}  // namespace

GenerateBeamSearch::GenerateBeamSearch(SearchOptions options, Beams beams)
    : TokenSearch(std::move(options)), beams_wanted_(std::move(beams)) {
  if (beams_wanted_.sampling_seed) random_.emplace(*beams_wanted_.sampling_seed);
}

bool GenerateBeamSearch::is_end(TokenId token) const {
  const auto& ends = beams_wanted_.end_tokens;
  return std::find(ends.begin(), ends.end(), token) != ends.end();
}

std::vector<GenerateBeamSearch::Candidate> GenerateBeamSearch::rank(
    std::span<const float> log_probabilities) {
  const auto vocabulary = static_cast<size_t>(options_.vocabulary);
  std::vector<float> sums(beams_.size() * vocabulary);
  for (size_t i = 0; i < sums.size(); ++i)
    sums[i] = log_probabilities[i] + static_cast<float>(beams_[i / vocabulary].log_probability);

  // The largest of the sums with Gumbel noise are a draw without replacement from their softmax.
  std::vector<float> keys = sums;
  if (random_)
    for (float& key : keys)
      if (key != kRuledOut) key -= static_cast<float>(std::log(-std::log(random_->uniform() + 0x1.0p-54)));

  const size_t count =
      static_cast<size_t>(beams_wanted_.count) * std::max<size_t>(2, 1 + beams_wanted_.end_tokens.size());
  std::vector<Candidate> candidates;
  for (const auto& [key, place] : top_entries(keys, count)) {
    const auto at = static_cast<size_t>(place);
    const auto token = static_cast<TokenId>(at % vocabulary);
    if (sums[at] == kRuledOut) continue;
    candidates.push_back({.log_probability = sums[at],
                          .beam = static_cast<int>(at / vocabulary),
                          .token = token,
                          .ends = is_end(token) || is_last_step()});
  }
  return candidates;
}

std::vector<TokenId> GenerateBeamSearch::extended(const Candidate& candidate) const {
  std::vector<TokenId> tokens = beams_[static_cast<size_t>(candidate.beam)].tokens;
  if (!is_end(candidate.token)) tokens.push_back(candidate.token);
  return tokens;
}

void GenerateBeamSearch::take_finished(std::vector<Candidate> candidates) {
  candidates.resize(std::min(candidates.size(), static_cast<size_t>(beams_wanted_.count)));
  for (const Candidate& candidate : candidates)
    if (candidate.ends)
      completed_.push_back({.tokens = extended(candidate),
                            .log_probability = candidate.log_probability,
                            .score = per_length(candidate.log_probability, step_, options_.length_penalty)});
  std::stable_sort(completed_.begin(), completed_.end(),
                   [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; });
  completed_.resize(std::min(completed_.size(), static_cast<size_t>(beams_wanted_.count)));
}

bool GenerateBeamSearch::may_improve(float best_living) const {
  if (completed_.size() < static_cast<size_t>(beams_wanted_.count)) return true;
  if (beams_wanted_.early_stopping == EarlyStopping::yes) return false;
  const bool longest = beams_wanted_.early_stopping == EarlyStopping::never && options_.length_penalty > 0;
  const int64_t length = longest ? options_.max_new_tokens : step_;
  return static_cast<double>(per_length(best_living, length, options_.length_penalty)) >
         completed_.back().score;
}

void GenerateBeamSearch::advance(std::span<const float> log_probabilities) {
  ++step_;
  auto candidates = rank(log_probabilities);
  // Everything ruled out: what there is has to do.
  if (candidates.empty() && completed_.empty())
    for (const Beam& beam : beams_) complete(beam.tokens, beam.log_probability);

  std::vector<Beam> next;
  auto living = candidates;
  std::stable_sort(living.begin(), living.end(), [](const Candidate& a, const Candidate& b) {
    return a.log_probability > b.log_probability;
  });
  for (const Candidate& candidate : living)
    if (!candidate.ends && next.size() < static_cast<size_t>(beams_wanted_.count))
      next.push_back({.tokens = extended(candidate),
                      .log_probability = candidate.log_probability,
                      .source = candidate.beam});
  take_finished(std::move(candidates));
  if (!next.empty() && !may_improve(static_cast<float>(next.front().log_probability))) next.clear();
  beams_ = std::move(next);
}

}  // namespace millrace
