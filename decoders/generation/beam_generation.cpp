#include "decoders/generation/beam_generation.h"

#include "base/error.h"
#include "decoders/rules/generation_rules.h"
#include "decoders/search/generate_beam_search.h"
#include "kernels/kernels.h"

namespace millrace {

BeamText generate_with_beams(const TextDecoder& decoder, const BeamPrompt& prompt,
                             const GenerationOptions& options, const LogitRules& own,
                             const CancelToken* cancel, const CancelToken* unwanted) {
  const auto beams = static_cast<int>(options.num_beams);
  const int64_t most = options.max_new_tokens.value(), vocabulary = decoder.vocabulary();
  GenerateBeamSearch search(
      {.vocabulary = vocabulary,
       .end_token = -1,
       .max_new_tokens = most,
       .length_penalty = options.length_penalty,
       .prefix = {}},
      {.count = beams,
       .early_stopping = options.early_stopping,
       .end_tokens = options.eos_token_id,
       .sampling_seed = options.samples() ? std::optional(options.seed.value_or(0)) : std::nullopt});
  const auto rules = make_rules(options, own);
  const auto session = decoder.begin(beams, std::ssize(prompt.tokens) + most);
  std::vector<DecoderFeed> feeds = {
      prompt.fed.embeddings.empty() ? DecoderFeed{.slot = 0, .tokens = prompt.tokens} : prompt.fed.feed()};
  while (true) {
    if (cancel != nullptr) cancel->check();
    if (unwanted != nullptr && unwanted->cancelled()) return {};
    Tensor scores = session->step(feeds);
    const auto width = static_cast<size_t>(vocabulary);
    for (size_t i = 0; i < search.beams().size(); ++i) {
      const auto row = std::span(scores.mutable_data<float>(), static_cast<size_t>(scores.count()))
                           .subspan(i * width, width);
      kernels::log_softmax(row.data(), vocabulary, row.data());
      apply_rules(rules, {.prompt = prompt.tokens, .generated = search.beams()[i].tokens}, row);
    }
    search.advance(scores.values<float>());
    if (search.finished()) break;
    std::vector<int> sources;
    for (const Beam& beam : search.beams()) sources.push_back(beam.source);
    session->reorder(sources);
    feeds.clear();
    for (size_t i = 0; i < search.beams().size(); ++i)
      feeds.push_back({.slot = static_cast<int>(i), .tokens = std::span(search.beams()[i].tokens).last(1)});
  }
  const auto hypotheses = search.hypotheses();
  if (hypotheses.empty()) fail(ErrorKind::input, "the options of the generation rule every token out");
  const auto& best = hypotheses.front();
  return {.tokens = best.tokens, .ended = std::ssize(best.tokens) < most};
}

}  // namespace millrace
