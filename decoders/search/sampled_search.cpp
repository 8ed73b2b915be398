#include "decoders/search/sampled_search.h"

#include <array>

namespace millrace {

SampledSearch::SampledSearch(SearchOptions options, const Draw& draw)
    : TokenSearch(std::move(options)), draw_(draw) {
  for (int i = 0; i < draw_.count; ++i) {
    const std::array<uint64_t, 2> numbers = {draw_.seed, static_cast<uint64_t>(i)};
    samplers_.emplace_back(mix_seeds(numbers));
  }
}

void SampledSearch::advance(std::span<const float> log_probabilities) {
  const bool first = step_ == 0;  // all sequences continue the one prompt
  ++step_;
  const auto vocabulary = static_cast<size_t>(options_.vocabulary);
  std::vector<Beam> next;
  std::vector<Sampler> living;
  for (size_t i = 0; i < samplers_.size(); ++i) {
    const size_t source = first ? 0 : i;
    const auto row = log_probabilities.subspan(source * vocabulary, vocabulary);
    const TokenId token = samplers_[i].sample(row, draw_.temperature);
    Beam beam = beams_[source];
    beam.source = static_cast<int>(source);
    if (token >= 0) beam.log_probability += static_cast<double>(row[static_cast<size_t>(token)]);
    const bool ended = token < 0 || token == options_.end_token;
    if (!ended) beam.tokens.push_back(token);
    if (ended || is_last_step()) {
      complete(std::move(beam.tokens), beam.log_probability);
    } else {
      next.push_back(std::move(beam));
      living.push_back(std::move(samplers_[i]));
    }
  }
  beams_ = std::move(next);
  samplers_ = std::move(living);
}

}  // namespace millrace
