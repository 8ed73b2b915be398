#include "decoders/speech/transcription_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "base/error.h"
#include "base/suggest.h"
#include "decoders/speech/languages.h"

namespace millrace {
namespace {

using Options = TranscriptionOptions;

constexpr double kTokens = 1e9;   // more than any vocabulary
constexpr double kSeconds = 1e9;  // more than any recording
constexpr double kWindow = 30;    // seconds that the models hear at once

void check_number(const TranscriptionField& field, double value) {
  if (value >= field.least && value <= field.most) return;  // NaN is neither
  fail(ErrorKind::usage, "{} is {}, but must be between {} and {}", field.name, value, field.least,
       field.most);
}

void check_word(const TranscriptionField& field, const std::string& value) {
  if (field.choices.empty()) return;
  const std::vector<std::string> choices(field.choices.begin(), field.choices.end());
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  fail(ErrorKind::usage, "{} is '{}', but must be one of: {}{}", field.name, value, fmt::join(choices, ", "),
       did_you_mean(value, choices));
}

void check_field(const TranscriptionField& field, const Options& options) {
  std::visit(
      [&](auto member) {
        const auto& value = options.*member;
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::string>) {
          check_word(field, value);
        } else if constexpr (std::is_same_v<Value, int64_t> || std::is_same_v<Value, double>) {
          check_number(field, static_cast<double>(value));
        } else if constexpr (std::is_same_v<Value, std::optional<int64_t>> ||
                             std::is_same_v<Value, std::optional<double>>) {
          if (value) check_number(field, static_cast<double>(*value));
        } else if constexpr (!std::is_same_v<Value, bool>) {
          for (const auto& element : value) check_number(field, static_cast<double>(element));
        }
      },
      field.member);
}

double parse_seconds(std::string_view text, const std::string& all) {
  const auto begin = text.find_first_not_of(' '), end = text.find_last_not_of(' ');
  if (begin != std::string_view::npos) text = text.substr(begin, end - begin + 1);
  double seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || rest != text.data() + text.size() || !(seconds >= 0 && seconds <= kSeconds))
    fail(ErrorKind::usage,
         "clip_timestamps is '{}', but '{}' is not a time in seconds; give start,end,start,end,…", all, text);
  return seconds;
}

}  // namespace

const std::vector<TranscriptionField>& transcription_fields() {
  static const std::vector<TranscriptionField> fields = {
      {"language",
       &Options::language,
       "spoken language: a code (en) or a name (english); auto detects it",
       0,
       0,
       {}},
      {"task",
       &Options::task,
       "write what is said, or translate it into English",
       0,
       0,
       {"transcribe", "translate"}},
      {"beam_size", &Options::beam_size, "beams of the search at temperature 0; 1 is greedy", 1, 100, {}},
      {"best_of", &Options::best_of, "candidates drawn at temperatures above 0", 1, 100, {}},
      {"patience",
       &Options::patience,
       "the search ends after beam_size times this many complete candidates",
       0.01,
       100,
       {}},
      {"length_penalty",
       &Options::length_penalty,
       "candidates rank by log probability / length ^ this",
       -10,
       10,
       {}},
      {"repetition_penalty",
       &Options::repetition_penalty,
       "above 1 makes tokens that were written less likely",
       0.01,
       100,
       {}},
      {"no_repeat_ngram_size",
       &Options::no_repeat_ngram_size,
       "no run of this many tokens appears twice; 0 allows",
       0,
       448,
       {}},
      {"temperature",
       &Options::temperature,
       "tried one after the other until a window's text passes the checks",
       0,
       10,
       {}},
      {"compression_ratio_threshold",
       &Options::compression_ratio_threshold,
       "text that compresses better than this repeats itself: try the next temperature",
       0,
       1000,
       {}},
      {"log_prob_threshold",
       &Options::log_prob_threshold,
       "average log probability below which the next temperature is tried",
       -1000,
       0,
       {}},
      {"no_speech_threshold",
       &Options::no_speech_threshold,
       "probability of no speech above which an unsure window counts as silent",
       0,
       1,
       {}},
      {"condition_on_previous_text",
       &Options::condition_on_previous_text,
       "give the model the text before as context",
       0,
       0,
       {}},
      {"prompt_reset_on_temperature",
       &Options::prompt_reset_on_temperature,
       "text found at a higher temperature than this is no context for what follows",
       0,
       10,
       {}},
      {"initial_prompt", &Options::initial_prompt, "text to give as context of the first window", 0, 0, {}},
      {"prefix", &Options::prefix, "text that the first window begins with", 0, 0, {}},
      {"hotwords",
       &Options::hotwords,
       "words to expect, given as context of every window; no effect with prefix",
       0,
       0,
       {}},
      {"suppress_blank", &Options::suppress_blank, "a window's text doesn't begin with a blank", 0, 0, {}},
      {"suppress_tokens",
       &Options::suppress_tokens,
       "token ids that are never written; -1 stands for the symbols that nobody speaks",
       -1,
       kTokens,
       {}},
      {"without_timestamps", &Options::without_timestamps, "write text only, without timestamps", 0, 0, {}},
      {"max_initial_timestamp",
       &Options::max_initial_timestamp,
       "the first timestamp is no later, in seconds",
       0,
       kWindow,
       {}},
      {"word_timestamps", &Options::word_timestamps, "find each word's time", 0, 0, {}},
      {"prepend_punctuations",
       &Options::prepend_punctuations,
       "punctuation that belongs to the word after it",
       0,
       0,
       {}},
      {"append_punctuations",
       &Options::append_punctuations,
       "punctuation that belongs to the word before it",
       0,
       0,
       {}},
      {"multilingual", &Options::multilingual, "detect the language of every window", 0, 0, {}},
      {"max_new_tokens", &Options::max_new_tokens, "tokens written per window at most", 1, 448, {}},
      {"chunk_length", &Options::chunk_length, "seconds of sound per window", 1, kWindow, {}},
      {"clip_timestamps",
       &Options::clip_timestamps,
       "parts of the recording to transcribe: start,end,start,end,… in seconds",
       0,
       0,
       {}},
      {"hallucination_silence_threshold",
       &Options::hallucination_silence_threshold,
       "with word_timestamps: skip silence longer than this many seconds around a suspicious text",
       0,
       kWindow,
       {}},
      {"language_detection_threshold",
       &Options::language_detection_threshold,
       "a language at least this likely is settled at once",
       0,
       1,
       {}},
      {"language_detection_segments",
       &Options::language_detection_segments,
       "windows that vote for the language while none is likely enough",
       1,
       1000,
       {}},
      {"seed", &Options::seed, "of the draws at temperatures above 0", 0, 9e15, {}},
  };
  return fields;
}

std::vector<std::pair<double, std::optional<double>>> TranscriptionOptions::clips() const {
  std::vector<double> times;
  std::string_view rest = clip_timestamps;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    times.push_back(parse_seconds(rest.substr(0, comma), clip_timestamps));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  if (times.empty()) times.push_back(0);
  if (!std::is_sorted(times.begin(), times.end()))
    fail(ErrorKind::usage,
         "clip_timestamps is '{}', but its times go back; give start,end,start,end,… in order",
         clip_timestamps);
  std::vector<std::pair<double, std::optional<double>>> clips;
  for (size_t i = 0; i < times.size(); i += 2)
    clips.emplace_back(times[i], i + 1 < times.size() ? std::optional<double>(times[i + 1]) : std::nullopt);
  return clips;
}

void TranscriptionOptions::check() const {
  for (const TranscriptionField& field : transcription_fields()) check_field(field, *this);
  if (temperature.empty()) fail(ErrorKind::usage, "temperature is empty; give at least one, such as 0");
  if (!detects_language()) language_code(language);
  clips();
  if (hallucination_silence_threshold && !word_timestamps)
    fail(ErrorKind::usage, "hallucination_silence_threshold needs word_timestamps");
}

}  // namespace millrace
