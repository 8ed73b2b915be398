#include "decoders/speech/live_transcriber.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "decoders/speech/strip.h"
#include "decoders/speech/word_splitting.h"

namespace millrace {
namespace {

constexpr double kMostTokensPerSecond = 20;  // that anybody speaks; more is a model going round in circles
constexpr int64_t kMostTokensBeside = 24;
constexpr double kUnsettledEnd = 1;  // seconds at a window's end in which nothing is settled

SpeechTranscriber::Parts at_temperatures(SpeechTranscriber::Parts parts, size_t first, size_t count) {
  parts.options.check();  // there is one
  const auto all = std::span<const double>(parts.options.temperature).subspan(first);
  const auto some = all.first(std::min(count, all.size()));
  parts.options.temperature = std::vector<double>(some.begin(), some.end());
  return parts;
}

SpeechTranscriber::Parts quick_parts(SpeechTranscriber::Parts parts) {
  parts.options.beam_size = 1;
  parts.options.word_timestamps = false;
  parts.options.hallucination_silence_threshold.reset();
  return at_temperatures(std::move(parts), 0, 1);
}

WindowHints hints(const EncodedWindow& window, std::span<const TokenId> draft = {}) {
  const double seconds = static_cast<double>(window.content_samples) / kSamplesPerSecond;
  return {.draft = draft, .most_tokens = kMostTokensBeside + std::llround(seconds * kMostTokensPerSecond)};
}

// Forgets what was heard when it goes: a hypothesis, and no more.
class Rehearsal {
 public:
  explicit Rehearsal(SpeechTranscriber::State& state) : state_(state), before_(state) {}
  ~Rehearsal() { static_cast<SpeechTranscriber::Memory&>(state_) = std::move(before_); }
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;

 private:
  SpeechTranscriber::State& state_;
  SpeechTranscriber::Memory before_;
};

// The tokens of segments as a window that begins `steps` timestamps later would have them.
std::vector<TokenId> moved(std::span<const Segment> segments, const SpeechTokens& speech, TokenId steps) {
  std::vector<TokenId> tokens;
  for (const Segment& segment : segments)
    for (const TokenId token : segment.tokens)
      tokens.push_back(speech.is_timestamp(token) ? std::max(speech.timestamp_begin, token - steps) : token);
  return tokens;
}

}  // namespace

LiveTranscriber::LiveTranscriber(SpeechTranscriber::Parts parts, const Options& options)
    : options_(options), quick_(quick_parts(parts)) {
  if (parts.options.word_timestamps || parts.options.beam_size > 1)
    careful_.emplace(at_temperatures(parts, 0, 1));
  if (parts.options.temperature.size() < 2) return;
  parts.options.word_timestamps = false;
  parts.options.hallucination_silence_threshold.reset();
  const size_t others = parts.options.temperature.size() - 1;
  thorough_.emplace(at_temperatures(std::move(parts), 1, others));
}

LiveText LiveTranscriber::hear(State& state, const EncodedWindow& window, UtteranceEnd end) const {
  const bool over = end == UtteranceEnd::over;
  if (window.content_samples <= 0) {
    if (!over || !state.pending) return {};
    return finish(state, *std::exchange(state.pending, std::nullopt));
  }
  Pending heard = listen(state, window);
  return over ? finish(state, std::move(heard)) : go_on(state, std::move(heard));
}

void LiveTranscriber::anticipate(State& state) const {
  if (state.pending) state.pending->anticipated = final_result(state, *state.pending);
}

LiveTranscriber::Pending LiveTranscriber::listen(State& state, const EncodedWindow& window) const {
  const Rehearsal rehearsal(state.speech);
  WindowResult result = quick_.transcribe_whole(state.speech, window, hints(window, state.draft));
  return {window, std::move(result), state.speech};
}

// A hypothesis that fails the checks is heard again: without context, which is what makes texts go round in
// circles, then with the other temperatures.
WindowResult LiveTranscriber::final_result(State& state, const Pending& heard) const {
  WindowResult result = heard.result;
  const Rehearsal rehearsal(state.speech);
  if (!result.passed) {
    const bool had_context = !state.speech.previous.empty();
    state.speech.previous.clear();
    if (had_context) result = quick_.transcribe_whole(state.speech, heard.window, hints(heard.window));
    if (!result.passed && thorough_)
      result = thorough_->transcribe_whole(state.speech, heard.window, hints(heard.window));
  }
  if (!careful_ || heard.begun || result.segments.empty() || !result.passed) return result;
  const std::vector<TokenId> draft = result.tokens;
  return careful_->transcribe_whole(state.speech, heard.window, hints(heard.window, draft));
}

LiveText LiveTranscriber::finish(State& state, Pending heard) const {
  WindowResult result = heard.anticipated ? *std::move(heard.anticipated) : final_result(state, heard);
  LiveText text;
  text.settled_samples = heard.window.content_samples;
  text.language = result.language;
  text.segments = std::move(result.segments);
  if (!heard.result.silent) {
    state.speech.vote = heard.after.vote;
    state.speech.language = heard.after.language;
  }
  commit(state, text.segments);
  std::string all;
  for (const Segment& segment : text.segments) all += segment.text;
  const bool repeats = !all.empty() && all == std::exchange(state.last_text, all);
  if (!heard.result.passed || repeats) state.speech.previous.clear();
  state.agreement = {};
  state.draft.clear();
  state.pending.reset();
  return text;
}

LiveText LiveTranscriber::go_on(State& state, Pending heard) const {
  LiveText text;
  text.language = heard.result.language;
  state.draft.clear();
  if (heard.result.passed) {
    state.draft = heard.result.tokens;
    std::vector<std::string> said;
    for (const Segment& segment : heard.result.segments)
      for (std::string& word : words(segment, heard.result.language)) said.push_back(std::move(word));
    state.agreement.push(std::move(said));
  }
  state.pending = std::move(heard);
  settle(state, text);
  const std::vector<Segment>& open = state.pending->result.segments;
  PartialText partial{.settled = state.agreement.settled(), .rest = state.agreement.rest()};
  if (!open.empty() && !strip(partial.text()).empty()) {
    partial.start = open.front().start;
    partial.end = open.back().end;
    text.partial = std::move(partial);
  }
  return text;
}

// Of a long utterance the first segments become final that are agreed on whole.
void LiveTranscriber::settle(State& state, LiveText& text) const {
  Pending& heard = *state.pending;
  const double start = heard.window.time.start_at(0);
  const double length = static_cast<double>(heard.window.content_samples) / kSamplesPerSecond;
  auto& segments = heard.result.segments;
  if (length < options_.settle_after_s || !heard.result.passed) return;
  size_t agreed = 0, agreed_words = 0;
  for (size_t i = 0, so_far = 0; i + 1 < segments.size(); ++i) {
    so_far += words(segments[i], heard.result.language).size();
    if (so_far > state.agreement.settled_words() || segments[i].end > start + length - kUnsettledEnd) break;
    agreed = i + 1;
    agreed_words = so_far;
  }
  if (agreed == 0) return;
  const int64_t steps = std::llround((segments[agreed - 1].end - start) / kSecondsPerTimestamp);
  text.settled_samples = std::min(steps * kSamplesPerTimestamp, heard.window.content_samples);
  if (text.settled_samples <= 0) return;
  const auto first_open = segments.begin() + static_cast<std::ptrdiff_t>(agreed);
  text.segments.assign(std::make_move_iterator(segments.begin()), std::make_move_iterator(first_open));
  segments.erase(segments.begin(), first_open);
  heard.begun = true;
  commit(state, text.segments);
  state.agreement.forget(agreed_words);
  state.draft = moved(segments, quick_.tokens(), static_cast<TokenId>(steps));
}

// They are final: numbered, and context of what follows.
void LiveTranscriber::commit(State& state, std::span<Segment> segments) const {
  SpeechTranscriber::Memory& memory = state.speech;
  for (Segment& segment : segments) {
    segment.id = memory.next_id++;
    memory.last_time = std::max(memory.last_time, segment.end);
    memory.previous.insert(memory.previous.end(), segment.tokens.begin(), segment.tokens.end());
  }
  const auto most = static_cast<size_t>(options_.context_tokens);
  if (!quick_.options().condition_on_previous_text) memory.previous.clear();
  if (memory.previous.size() > most)
    memory.previous.erase(memory.previous.begin(), memory.previous.end() - static_cast<std::ptrdiff_t>(most));
}

std::vector<std::string> LiveTranscriber::words(const Segment& segment, const std::string& language) const {
  std::vector<TokenId> text;
  for (const TokenId token : segment.tokens)
    if (quick_.tokens().is_text(token)) text.push_back(token);
  std::vector<std::string> words;
  for (TokenWord& word : split_words(quick_.tokenizer(), text, language))
    words.push_back(std::move(word.text));
  return words;
}

}  // namespace millrace
