#include "decoders/speech/speech_transcriber.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "decoders/speech/hallucination.h"
#include "decoders/speech/languages.h"
#include "decoders/speech/segment_times.h"
#include "decoders/speech/speech_prompt.h"
#include "decoders/speech/strip.h"
#include "decoders/speech/unheard_tail.h"
#include "decoders/speech/word_alignment.h"
#include "decoders/speech/word_times.h"

namespace millrace {
namespace {

SpeechTranscriber::Parts checked(SpeechTranscriber::Parts parts) {
  if (parts.decoder == nullptr || parts.tokenizer == nullptr)
    fail(ErrorKind::model, "the model can't transcribe: it has no {}",
         parts.decoder == nullptr ? "text decoder" : "tokenizer");
  parts.options.check();
  if (!parts.options.detects_language()) parts.options.language = language_code(parts.options.language);
  return parts;
}

// When the last word was over; segments without words count with their own end.
std::optional<double> end_of_speech(const std::vector<TimedTokens>& segments) {
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment)
    if (!segment->words.empty()) return segment->words.back().end;
  if (segments.empty()) return std::nullopt;
  return segments.back().end;
}

int64_t samples_from(double seconds, double start) {
  return std::llround((seconds - start) * 100) * std::llround(kSamplesPerSecond / 100);
}

}  // namespace

struct SpeechTranscriber::Heard {
  const EncodedWindow* window = nullptr;
  DecodedWindow decoded;
  std::string language;
  int first_slot = 0;
  WindowSegments cut;

  double start() const { return static_cast<double>(window->start_sample) / kSamplesPerSecond; }
  double content_end() const {
    return start() + static_cast<double>(window->content_samples) / kSamplesPerSecond;
  }
};

SpeechTranscriber::SpeechTranscriber(Parts parts)
    : parts_(checked(std::move(parts))),
      speech_(std::make_shared<const SpeechTokens>(
          find_speech_tokens(*parts_.tokenizer, parts_.generation, *parts_.decoder))),
      window_decoder_({.decoder = parts_.decoder,
                       .tokenizer = parts_.tokenizer,
                       .speech = speech_,
                       .options = parts_.options,
                       .cancel = parts_.cancel}),
      initial_prompt_(encode_prompt_text(*parts_.tokenizer, parts_.options.initial_prompt)),
      prefix_(encode_prompt_text(*parts_.tokenizer, parts_.options.prefix)),
      hotwords_(encode_prompt_text(*parts_.tokenizer, parts_.options.hotwords)) {
  if (!speech_->multilingual && !options().detects_language() && options().language != "en")
    fail(ErrorKind::usage, "this model knows English only; language is '{}'", options().language);
  // Says now, not after the first window, what the model doesn't know.
  speech_->start_sequence(options().detects_language() ? "en" : options().language, options().speech_task());
}

SpeechTranscriber::State SpeechTranscriber::begin() const {
  State state(options());
  state.previous = initial_prompt_;
  if (!speech_->multilingual) {
    state.language = {"en", 1};
  } else if (!options().detects_language()) {
    state.language = {options().language, 1};
  }
  return state;
}

WindowResult SpeechTranscriber::transcribe_window(State& state, const EncodedWindow& window) const {
  return run(state, {&window, 1}, Mode::sequential).front();
}

std::vector<WindowResult> SpeechTranscriber::transcribe_windows(
    State& state, std::span<const EncodedWindow> windows) const {
  return run(state, windows, Mode::batched);
}

WindowResult SpeechTranscriber::transcribe_whole(State& state, const EncodedWindow& window,
                                                 const WindowHints& hints) const {
  return run(state, {&window, 1}, Mode::whole, hints).front();
}

std::vector<WindowResult> SpeechTranscriber::run(State& state, std::span<const EncodedWindow> windows,
                                                 Mode mode, const WindowHints& hints) const {
  if (windows.empty()) return {};
  open_session(state, windows);
  const int slots = window_decoder_.slots();
  const auto spoken = languages(state, windows.size());
  std::vector<WindowJob> jobs;
  for (size_t i = 0; i < windows.size(); ++i) {
    jobs.push_back({.first_slot = static_cast<int>(i) * slots,
                    .prompt = prompt(state, spoken[i], mode),
                    .seed = static_cast<uint64_t>(windows[i].start_sample),
                    .draft = hints.draft,
                    .most_tokens = hints.most_tokens});
    ++state.windows;
  }
  auto decoded = window_decoder_.decode(*state.session, jobs);
  if (mode == Mode::batched && !options().without_timestamps) hear_tails(state, windows, jobs, decoded);
  std::vector<WindowResult> results;
  for (size_t i = 0; i < windows.size(); ++i)
    results.push_back(finish(state,
                             {.window = &windows[i],
                              .decoded = std::move(decoded[i]),
                              .language = spoken[i],
                              .first_slot = jobs[i].first_slot,
                              .cut = {}},
                             mode));
  return results;
}

// Takes up again what ended before its window did, as long as that gives text which passes the checks.
void SpeechTranscriber::hear_tails(State& state, std::span<const EncodedWindow> windows,
                                   std::span<const WindowJob> jobs,
                                   std::vector<DecodedWindow>& decoded) const {
  std::vector<size_t> open;
  for (size_t i = 0; i < windows.size(); ++i)
    if (windows[i].speech) open.push_back(i);
  while (!open.empty()) {
    std::vector<WindowJob> tails;
    std::vector<size_t> of;
    for (const size_t i : open) {
      auto text = text_to_continue(decoded[i].tokens, *speech_, windows[i].content_samples);
      if (!text || is_silent(decoded[i])) continue;
      tails.push_back(jobs[i]);
      tails.back().prompt.prefix = *std::move(text);
      tails.back().goes_on = true;
      of.push_back(i);
    }
    open.clear();
    if (tails.empty()) return;
    auto continued = window_decoder_.decode(*state.session, tails);
    for (size_t t = 0; t < tails.size(); ++t) {
      DecodedWindow& before = decoded[of[t]];
      DecodedWindow& after = continued[t];
      if (strip(after.text) == strip(before.text) || is_silent(after) || !window_decoder_.passes(after))
        continue;
      const auto old_tokens = static_cast<double>(before.tokens.size()),
                 all_tokens = static_cast<double>(after.tokens.size());
      after.avg_logprob =
          (before.avg_logprob * old_tokens + after.avg_logprob * (all_tokens - old_tokens)) / all_tokens;
      after.temperature = std::max(after.temperature, before.temperature);
      before = std::move(after);
      open.push_back(of[t]);
    }
  }
}

// One session serves all windows of a recording; each window has its own slots, which attend to its states.
void SpeechTranscriber::open_session(State& state, std::span<const EncodedWindow> windows) const {
  const int slots = window_decoder_.slots();
  const int needed = slots * static_cast<int>(windows.size());
  if (state.session == nullptr || state.session->slots() < needed)
    state.session = parts_.decoder->begin(needed, parts_.decoder->max_length());
  for (size_t i = 0; i < windows.size(); ++i) {
    const int memory = state.session->add_memory(windows[i].states);
    for (int slot = 0; slot < slots; ++slot) {
      state.session->truncate(static_cast<int>(i) * slots + slot, 0);
      state.session->attach(static_cast<int>(i) * slots + slot, memory);
    }
  }
}

// The language of each of the windows whose memories the session holds.
std::vector<std::string> SpeechTranscriber::languages(State& state, size_t windows) const {
  std::vector<std::string> result(windows, state.language.code);
  const bool detects = speech_->multilingual && (options().multilingual || options().detects_language());
  if (!detects || (!options().multilingual && state.vote.settled())) return result;
  std::vector<int> slots(windows);
  for (size_t i = 0; i < windows; ++i) slots[i] = static_cast<int>(i) * window_decoder_.slots();
  if (options().multilingual) {
    const auto guesses = detect_languages(*state.session, *speech_, slots);
    for (size_t i = 0; i < windows; ++i) result[i] = guesses[i].code;
    state.language = guesses.back();
    return result;
  }
  for (size_t i = 0; i < windows && !state.vote.settled(); ++i)
    state.vote.add(detect_languages(*state.session, *speech_, {&slots[i], 1}).front());
  state.language = state.vote.winner();
  std::fill(result.begin(), result.end(), state.language.code);
  return result;
}

SpeechPrompt SpeechTranscriber::prompt(const State& state, const std::string& language, Mode mode) const {
  return build_prompt(*speech_, {.previous = mode == Mode::batched ? initial_prompt_ : state.previous,
                                 .hotwords = hotwords_,
                                 .prefix = state.windows == 0 ? std::span<const TokenId>(prefix_)
                                                              : std::span<const TokenId>(),
                                 .start = speech_->start_sequence(language, options().speech_task()),
                                 .without_timestamps = options().without_timestamps,
                                 .max_length = parts_.decoder->max_length()});
}

bool SpeechTranscriber::is_silent(const DecodedWindow& decoded) const {
  if (!options().no_speech_threshold || decoded.no_speech_prob <= *options().no_speech_threshold)
    return false;
  return !(options().log_prob_threshold && decoded.avg_logprob > *options().log_prob_threshold);
}

WindowResult SpeechTranscriber::finish(State& state, Heard heard, Mode mode) const {
  const EncodedWindow& window = *heard.window;
  WindowResult result;
  result.language = heard.language;
  result.no_speech_prob = heard.decoded.no_speech_prob;
  result.consumed_samples = std::max<int64_t>(1, window.content_samples);
  result.silent = is_silent(heard.decoded);
  result.tokens = heard.decoded.tokens;
  result.passed = window_decoder_.passes(heard.decoded);
  result.temperature = heard.decoded.temperature;
  if (result.silent) return result;

  heard.cut = split_window(heard.decoded.tokens, *speech_,
                           {.offset = heard.start(),
                            .content_samples = window.content_samples,
                            .keep_unfinished = mode != Mode::sequential});
  if (mode == Mode::whole) begin_at_timestamps(heard);
  if (options().word_timestamps) {
    add_words(state, heard);
    const auto end = end_of_speech(heard.cut.segments);
    if (!heard.cut.ends_in_silence && end && *end > heard.start())
      heard.cut.consumed = samples_from(*end, heard.start());
    if (options().hallucination_silence_threshold) drop_hallucinations(state, heard, mode);
    if (const auto kept = end_of_speech(heard.cut.segments)) state.last_speech = *kept;
  }
  result.segments = report(state, heard);
  if (!options().condition_on_previous_text ||
      heard.decoded.temperature > options().prompt_reset_on_temperature)
    state.previous.clear();
  if (mode == Mode::sequential && heard.cut.consumed > 0)
    result.consumed_samples = std::min(result.consumed_samples, heard.cut.consumed);
  return result;
}

// A text without a pair of timestamps begins with the window, as the reference has it; but what is heard of
// an utterance alone begins when its first word is said.
void SpeechTranscriber::begin_at_timestamps(Heard& heard) const {
  for (TimedTokens& segment : heard.cut.segments) {
    if (segment.tokens.empty() || !speech_->is_timestamp(segment.tokens.front())) continue;
    const auto steps = static_cast<double>(segment.tokens.front() - speech_->timestamp_begin);
    segment.start = std::min(segment.end, heard.start() + steps * kSecondsPerTimestamp);
  }
}

void SpeechTranscriber::add_words(const State& state, Heard& heard) const {
  std::vector<TokenId> text;
  for (const TimedTokens& segment : heard.cut.segments)
    std::copy_if(segment.tokens.begin(), segment.tokens.end(), std::back_inserter(text),
                 [&](TokenId token) { return speech_->is_text(token); });
  const auto alignment =
      align_tokens(*state.session, *speech_,
                   {.start = speech_->start_sequence(heard.language, options().speech_task()),
                    .text = text,
                    .content_samples = heard.window->content_samples,
                    .slot = heard.first_slot});
  auto words = time_words(split_words(*parts_.tokenizer, text, heard.language), alignment);
  const WordDurations durations = measure(words);
  shorten_at_sentence_ends(words, durations);
  merge_punctuation(words, options().prepend_punctuations, options().append_punctuations);
  double last_speech = state.last_speech;
  place_words(heard.cut.segments, words, *speech_, {.offset = heard.start(), .durations = durations},
              last_speech);
}

void SpeechTranscriber::drop_hallucinations(const State& state, Heard& heard, Mode mode) const {
  auto& segments = heard.cut.segments;
  const GuardedWindow window{.threshold = *options().hallucination_silence_threshold,
                             .start = heard.start(),
                             .end = heard.start() + static_cast<double>(options().chunk_length),
                             .content_end = heard.content_end(),
                             .last = heard.window->last,
                             .last_speech = state.last_speech};
  if (mode != Mode::batched) {
    const GuardVerdict verdict = find_hallucination(segments, window);
    segments.resize(verdict.drop_all ? 0 : verdict.kept);
    if (verdict.next_start) heard.cut.consumed = samples_from(*verdict.next_start, heard.start());
    return;
  }
  // Nothing is decoded again here: only what is certainly invented goes.
  for (GuardVerdict verdict = find_hallucination(segments, window);
       !verdict.drop_all && verdict.kept < segments.size(); verdict = find_hallucination(segments, window))
    segments.erase(segments.begin() + static_cast<ptrdiff_t>(verdict.kept));
}

std::vector<Segment> SpeechTranscriber::report(State& state, const Heard& heard) const {
  const RecordingTimes times{
      .map = heard.window->time, .offset = heard.start(), .content_end = heard.content_end()};
  std::vector<Segment> segments;
  for (const TimedTokens& timed : heard.cut.segments) {
    std::vector<TokenId> text;
    std::copy_if(timed.tokens.begin(), timed.tokens.end(), std::back_inserter(text),
                 [&](TokenId token) { return speech_->is_text(token); });
    Segment segment;
    segment.text = parts_.tokenizer->decode(text);
    if (timed.start == timed.end || strip(segment.text).empty()) continue;
    segment.id = state.next_id++;
    segment.seek = std::llround(heard.window->time.start_at(0) * 100);
    segment.tokens = timed.tokens;
    segment.avg_logprob = heard.decoded.avg_logprob;
    segment.compression_ratio = heard.decoded.compression_ratio;
    segment.no_speech_prob = heard.decoded.no_speech_prob;
    segment.temperature = heard.decoded.temperature;
    set_times(segment, timed, times, state.last_time);
    state.previous.insert(state.previous.end(), timed.tokens.begin(), timed.tokens.end());
    segments.push_back(std::move(segment));
  }
  return segments;
}

}  // namespace millrace
