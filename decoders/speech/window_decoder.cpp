#include "decoders/speech/window_decoder.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "decoders/search/beam_search.h"
#include "decoders/search/sampled_search.h"
#include "decoders/speech/compression_ratio.h"
#include "decoders/speech/strip.h"
#include "decoders/speech/timestamp_rules.h"
#include "decoders/speech/window_segments.h"
#include "kernels/kernels.h"

namespace millrace {
namespace {

// What is never written, whatever the options: tokens that only a prompt holds, and ids that mean nothing.
std::vector<TokenId> suppressed_tokens(const SpeechTokens& speech, const TranscriptionOptions& options,
                                       int64_t vocabulary) {
  std::vector<TokenId> tokens;
  for (const int64_t token : options.suppress_tokens) {
    if (token < 0) {
      tokens.insert(tokens.end(), speech.non_speech.begin(), speech.non_speech.end());
    } else {
      tokens.push_back(static_cast<TokenId>(token));
    }
  }
  tokens.push_back(speech.start_of_transcript);
  for (const auto& token :
       {speech.transcribe, speech.translate, speech.start_of_previous, speech.start_of_lm, speech.no_speech})
    if (token) tokens.push_back(*token);
  for (TokenId token = speech.timestamp_end; token < vocabulary; ++token) tokens.push_back(token);
  return tokens;
}

LogitRules make_rules(const SpeechTokens& speech, const TranscriptionOptions& options, int64_t vocabulary) {
  LogitRules rules;
  if (options.repetition_penalty != 1)
    rules.push_back(std::make_shared<RepetitionPenalty>(static_cast<float>(options.repetition_penalty),
                                                        RepetitionPenalty::Scope::generated));
  if (options.no_repeat_ngram_size > 0)
    rules.push_back(std::make_shared<NoRepeatNgram>(static_cast<int>(options.no_repeat_ngram_size)));
  if (options.suppress_blank) rules.push_back(std::make_shared<SuppressTokensAtBegin>(speech.not_at_begin));
  rules.push_back(std::make_shared<SuppressTokens>(suppressed_tokens(speech, options, vocabulary)));
  if (!options.without_timestamps)
    rules.push_back(std::make_shared<TimestampRules>(
        speech, static_cast<int>(std::lround(options.max_initial_timestamp / kSecondsPerTimestamp))));
  return rules;
}

}  // namespace

// A job with what is known of it so far.
struct WindowDecoder::Attempt {
  const WindowJob* job = nullptr;
  int64_t prompt_length = 0;
  std::vector<float> first_logits;  // after the prompt: every temperature starts from them
  double no_speech_prob = 0;
  std::unique_ptr<TokenSearch> search;
  std::vector<DecodedWindow> tried;
  bool accepted = false;
};

WindowDecoder::WindowDecoder(Parts parts)
    : parts_(std::move(parts)),
      rules_(make_rules(*parts_.speech, parts_.options, parts_.decoder->vocabulary())) {
  for (const double temperature : parts_.options.temperature)
    slots_ = std::max(slots_,
                      static_cast<int>(temperature > 0 ? parts_.options.best_of : parts_.options.beam_size));
}

int64_t WindowDecoder::room_after(int64_t prompt_length) const {
  const int64_t positions = parts_.decoder->max_length();
  const int64_t most = parts_.options.max_new_tokens.value_or(positions / 2);
  // Two positions are spared for reading the text again to find the words' times.
  return std::max<int64_t>(0, std::min(most, positions - prompt_length - 2));
}

std::vector<DecodedWindow> WindowDecoder::decode(DecoderSession& session,
                                                 std::span<const WindowJob> jobs) const {
  std::vector<Attempt> attempts(jobs.size());
  for (size_t i = 0; i < jobs.size(); ++i) attempts[i].job = &jobs[i];
  feed_prompts(session, attempts);

  const auto& temperatures = parts_.options.temperature;
  for (size_t trial = 0; trial < temperatures.size(); ++trial) {
    std::vector<Attempt*> open;
    for (Attempt& attempt : attempts) {
      if (attempt.accepted) continue;
      begin_search(attempt, temperatures[trial], trial);
      open.push_back(&attempt);
    }
    if (open.empty()) break;
    search(session, open);
    for (Attempt* attempt : open) {
      attempt->tried.push_back(outcome(*attempt, temperatures[trial]));
      attempt->accepted = passes(attempt->tried.back());
    }
  }

  std::vector<DecodedWindow> decoded;
  for (const Attempt& attempt : attempts)
    decoded.push_back(attempt.accepted ? attempt.tried.back() : best_of_failed(attempt.tried));
  return decoded;
}

void WindowDecoder::feed_prompts(DecoderSession& session, std::vector<Attempt>& attempts) const {
  std::vector<DecoderFeed> contexts, starts;
  std::vector<std::vector<TokenId>> texts(attempts.size());
  for (size_t i = 0; i < attempts.size(); ++i) {
    const WindowJob& job = *attempts[i].job;
    session.truncate(job.first_slot, 0);
    if (!job.prompt.context.empty())
      contexts.push_back({.slot = job.first_slot, .tokens = job.prompt.context});
    texts[i] = job.prompt.start;
    texts[i].insert(texts[i].end(), job.prompt.prefix.begin(), job.prompt.prefix.end());
    starts.push_back({.slot = job.first_slot, .tokens = texts[i]});
    attempts[i].prompt_length = static_cast<int64_t>(job.prompt.context.size() + texts[i].size());
  }
  // Only from the start of the transcript on are there logits to look at.
  if (!contexts.empty()) session.step(contexts);
  const Tensor logits = session.step_all(starts);
  const auto vocabulary = static_cast<size_t>(logits.dim(1));
  const std::span<const float> values = logits.values<float>();
  size_t row = 0;
  for (size_t i = 0; i < attempts.size(); ++i) {
    const auto first = values.subspan(row * vocabulary, vocabulary);
    row += texts[i].size();
    const auto last = values.subspan((row - 1) * vocabulary, vocabulary);
    attempts[i].first_logits.assign(last.begin(), last.end());
    if (!parts_.speech->no_speech) continue;
    std::vector<float> probabilities(first.begin(), first.end());
    kernels::softmax(probabilities.data(), 1, static_cast<int64_t>(vocabulary));
    attempts[i].no_speech_prob =
        static_cast<double>(probabilities[static_cast<size_t>(*parts_.speech->no_speech)]);
  }
}

void WindowDecoder::begin_search(Attempt& attempt, double temperature, size_t trial) const {
  const TranscriptionOptions& options = parts_.options;
  const int64_t room = room_after(attempt.prompt_length);
  SearchOptions common{.vocabulary = parts_.decoder->vocabulary(),
                       .end_token = parts_.speech->end_of_text,
                       .max_new_tokens = std::min(room, attempt.job->most_tokens.value_or(room)),
                       .length_penalty = options.length_penalty,
                       .prefix = attempt.job->prompt.prefix};
  if (temperature <= 0 && options.beam_size > 1) {
    attempt.search = std::make_unique<BeamSearch>(std::move(common), static_cast<int>(options.beam_size),
                                                  options.patience);
    return;
  }
  const std::array<uint64_t, 3> seeds = {static_cast<uint64_t>(options.seed), attempt.job->seed, trial};
  const SampledSearch::Draw draw{.count = temperature > 0 ? static_cast<int>(options.best_of) : 1,
                                 .temperature = static_cast<float>(temperature),
                                 .seed = mix_seeds(seeds)};
  attempt.search = std::make_unique<SampledSearch>(std::move(common), draw);
}

// Logits of the attempt's beams, a row each, become log probabilities under the rules.
void WindowDecoder::weigh(const Attempt& attempt, std::span<float> logits) const {
  const auto& beams = attempt.search->beams();
  const size_t vocabulary = logits.size() / beams.size();
  oneapi::tbb::parallel_for(size_t{0}, beams.size(), [&](size_t i) {
    const auto row = logits.subspan(i * vocabulary, vocabulary);
    apply_rules(rules_, {.prompt = attempt.job->prompt.start, .generated = beams[i].tokens}, row);
    if (attempt.job->goes_on && beams[i].tokens.size() == attempt.job->prompt.prefix.size())
      row[static_cast<size_t>(parts_.speech->end_of_text)] = -std::numeric_limits<float>::infinity();
    kernels::log_softmax(row.data(), static_cast<int64_t>(vocabulary), row.data());
  });
}

// Feeds the whole draft at once and lets the search choose from the logits that follow it, token by token, as
// long as it chooses what the draft has (Leviathan et al., 2023, with a text for a draft model).
void WindowDecoder::try_draft(DecoderSession& session, Attempt& attempt) const {
  const auto& beams = attempt.search->beams();
  const size_t prefix = attempt.job->prompt.prefix.size();
  const auto room = static_cast<size_t>(std::max<int64_t>(0, room_after(attempt.prompt_length) - 1));
  const auto draft = attempt.job->draft.first(std::min(room, attempt.job->draft.size()));
  if (beams.size() != 1 || draft.empty() || beams[0].tokens.size() != prefix + 1 ||
      beams[0].tokens.back() != draft[0])
    return;
  const DecoderFeed feed{.slot = attempt.job->first_slot, .tokens = draft};
  Tensor logits = session.step_all({&feed, 1});
  const auto vocabulary = static_cast<size_t>(logits.dim(1));
  const std::span<float> values(logits.mutable_data<float>(), static_cast<size_t>(logits.count()));
  size_t written = 1;  // of the draft
  for (; !attempt.search->finished(); ++written) {
    const auto row = values.subspan((written - 1) * vocabulary, vocabulary);
    weigh(attempt, row);
    attempt.search->advance(row);
    if (written == draft.size() || beams.empty() || beams[0].tokens.back() != draft[written]) break;
  }
  // The last token chosen has not been fed.
  session.truncate(attempt.job->first_slot, attempt.prompt_length + static_cast<int64_t>(written));
}

void WindowDecoder::search(DecoderSession& session, std::span<Attempt*> attempts) const {
  for (Attempt* attempt : attempts) {
    session.truncate(attempt->job->first_slot, attempt->prompt_length);
    if (attempt->search->finished()) continue;
    std::vector<float> logits = attempt->first_logits;
    weigh(*attempt, logits);
    attempt->search->advance(logits);
    try_draft(session, *attempt);
  }
  for (;;) {
    if (parts_.cancel != nullptr) parts_.cancel->check();
    // Every beam into the slot of its rank, then its last token after it.
    std::vector<int> sources(static_cast<size_t>(session.slots()));
    std::iota(sources.begin(), sources.end(), 0);
    std::vector<DecoderFeed> feeds;
    bool moved = false;
    for (const Attempt* attempt : attempts) {
      const auto& beams = attempt->search->beams();
      const int first = attempt->job->first_slot;
      for (int i = 0; i < static_cast<int>(beams.size()); ++i) {
        const Beam& beam = beams[static_cast<size_t>(i)];
        sources[static_cast<size_t>(first + i)] = first + beam.source;
        moved |= beam.source != i;
        feeds.push_back({.slot = first + i, .tokens = std::span(beam.tokens).last(1)});
      }
    }
    if (feeds.empty()) return;
    if (moved) session.reorder(sources);
    Tensor logits = session.step(feeds);

    const auto vocabulary = static_cast<size_t>(logits.dim(1));
    const std::span<float> values(logits.mutable_data<float>(), static_cast<size_t>(logits.count()));
    std::vector<std::pair<Attempt*, std::span<float>>> parts;
    size_t row = 0;
    for (Attempt* attempt : attempts) {
      const size_t rows = attempt->search->beams().size();
      if (rows > 0) parts.emplace_back(attempt, values.subspan(row * vocabulary, rows * vocabulary));
      row += rows;
    }
    oneapi::tbb::parallel_for(size_t{0}, parts.size(), [&](size_t i) {
      weigh(*parts[i].first, parts[i].second);
      parts[i].first->search->advance(parts[i].second);
    });
  }
}

DecodedWindow WindowDecoder::outcome(const Attempt& attempt, double temperature) const {
  const Hypothesis best = attempt.search->hypotheses().at(0);
  DecodedWindow window;
  window.tokens = best.tokens;
  std::vector<TokenId> text;
  for (const TokenId token : best.tokens)
    if (parts_.speech->is_text(token)) text.push_back(token);
  window.text = strip(parts_.tokenizer->decode(text));
  const auto written = static_cast<double>(best.tokens.size() - attempt.job->prompt.prefix.size());
  window.avg_logprob = best.log_probability / (written + 1);
  window.no_speech_prob = attempt.no_speech_prob;
  window.compression_ratio = compression_ratio(window.text);
  window.temperature = temperature;
  return window;
}

bool WindowDecoder::is_too_repetitive(const DecodedWindow& window) const {
  const auto& threshold = parts_.options.compression_ratio_threshold;
  return threshold && window.compression_ratio > *threshold;
}

bool WindowDecoder::passes(const DecodedWindow& window) const {
  const TranscriptionOptions& options = parts_.options;
  const bool improbable = options.log_prob_threshold && window.avg_logprob < *options.log_prob_threshold;
  const bool silent =
      improbable && options.no_speech_threshold && window.no_speech_prob > *options.no_speech_threshold;
  return silent || !(improbable || is_too_repetitive(window));
}

// No temperature passed: the likeliest outcome, preferably one that doesn't repeat itself.
DecodedWindow WindowDecoder::best_of_failed(const std::vector<DecodedWindow>& tried) const {
  const DecodedWindow* best = nullptr;
  bool best_repeats = true;
  for (const DecodedWindow& window : tried) {
    const bool repeats = is_too_repetitive(window);
    if (best != nullptr && (repeats != best_repeats ? repeats : window.avg_logprob <= best->avg_logprob))
      continue;
    best = &window;
    best_repeats = repeats;
  }
  DecodedWindow chosen = *best;
  chosen.temperature = tried.back().temperature;
  return chosen;
}

}  // namespace millrace
