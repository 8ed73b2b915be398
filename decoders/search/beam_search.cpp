#include "decoders/search/beam_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace {

std::vector<int32_t> largest(std::span<const float> values, size_t count) {
  std::vector<int32_t> best;  // ordered
  if (count == 0) return best;
  best.reserve(count + 1);
  float bar = -std::numeric_limits<float>::infinity();  // what a value must exceed to be kept
  constexpr size_t kBlock = 32;
  for (size_t begin = 0; begin < values.size(); begin += kBlock) {
    const auto block = values.subspan(begin, std::min(kBlock, values.size() - begin));
    // Nearly every block holds nothing of interest: this loop is vectorised, the other one hardly ever runs.
    bool any = false;
    for (const float value : block) any |= value > bar;
    if (!any) continue;
    for (size_t i = 0; i < block.size(); ++i) {
      if (!(block[i] > bar)) continue;
      const auto place = std::upper_bound(
          best.begin(), best.end(), block[i],
          [&](float value, int32_t index) { return value > values[static_cast<size_t>(index)]; });
      best.insert(place, static_cast<int32_t>(begin + i));
      if (best.size() > count) best.pop_back();
      if (best.size() == count) bar = values[static_cast<size_t>(best.back())];
    }
  }
  return best;
}

BeamSearch::BeamSearch(SearchOptions options, int beam_size, double patience)
    : TokenSearch(std::move(options)),
      beam_size_(beam_size),
      enough_(static_cast<size_t>(std::max<long>(1, std::lround(beam_size * patience)))) {}

std::vector<BeamSearch::Candidate> BeamSearch::rank(std::span<const float> log_probabilities) const {
  const auto vocabulary = static_cast<size_t>(options_.vocabulary);
  const auto count = static_cast<size_t>(2 * beam_size_);
  std::vector<Candidate> candidates;
  for (size_t beam = 0; beam < beams_.size(); ++beam) {
    const auto row = log_probabilities.subspan(beam * vocabulary, vocabulary);
    for (const int32_t token : largest(row, count))
      candidates.push_back(
          {beams_[beam].log_probability + static_cast<double>(row[static_cast<size_t>(token)]),
           static_cast<int>(beam), token});
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.log_probability > b.log_probability;
  });
  if (candidates.size() > count) candidates.resize(count);
  return candidates;
}

std::vector<TokenId> BeamSearch::extended(const Candidate& candidate) const {
  std::vector<TokenId> tokens = beams_[static_cast<size_t>(candidate.beam)].tokens;
  if (candidate.token != options_.end_token) tokens.push_back(candidate.token);
  return tokens;
}

void BeamSearch::advance(std::span<const float> log_probabilities) {
  ++step_;
  const auto candidates = rank(log_probabilities);
  // Everything ruled out: what there is has to do.
  if (candidates.empty())
    for (const Beam& beam : beams_) complete(beam.tokens, beam.log_probability);

  const size_t front = std::min(candidates.size(), static_cast<size_t>(beam_size_));
  std::vector<Beam> next;
  size_t spare = front;  // the next candidate that may take the place of a completed one
  for (size_t i = 0; i < front; ++i) {
    const Candidate* living = &candidates[i];
    if (living->token == options_.end_token || is_last_step()) {
      complete(extended(*living), living->log_probability);
      while (spare < candidates.size() && candidates[spare].token == options_.end_token) ++spare;
      living = spare < candidates.size() ? &candidates[spare++] : nullptr;
    }
    if (living != nullptr)
      next.push_back(
          {.tokens = extended(*living), .log_probability = living->log_probability, .source = living->beam});
  }
  if (is_last_step() || completed_.size() >= enough_) next.clear();
  beams_ = std::move(next);
}

}  // namespace millrace
