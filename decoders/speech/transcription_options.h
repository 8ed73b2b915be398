#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "decoders/speech/speech_tokens.h"

namespace millrace {

// How to transcribe. Names and defaults are those of faster-whisper's WhisperModel.transcribe; an absent
// threshold switches its check off. What each field does is in the table below.
struct TranscriptionOptions {
  std::string language = "auto";
  std::string task = "transcribe";
  int64_t beam_size = 5;
  int64_t best_of = 5;
  double patience = 1;
  double length_penalty = 1;
  double repetition_penalty = 1;
  int64_t no_repeat_ngram_size = 0;
  std::vector<double> temperature = {0.0, 0.2, 0.4, 0.6, 0.8, 1.0};
  std::optional<double> compression_ratio_threshold = 2.4;
  std::optional<double> log_prob_threshold = -1.0;
  std::optional<double> no_speech_threshold = 0.6;
  bool condition_on_previous_text = true;
  double prompt_reset_on_temperature = 0.5;
  std::string initial_prompt = {};
  std::string prefix = {};
  std::string hotwords = {};
  bool suppress_blank = true;
  std::vector<int64_t> suppress_tokens = {-1};
  bool without_timestamps = false;
  double max_initial_timestamp = 1.0;
  bool word_timestamps = false;
  std::string prepend_punctuations = "\"'“¿([{-";
  std::string append_punctuations = "\"'.。,，!！?？:：”)]}、";
  bool multilingual = false;
  std::optional<int64_t> max_new_tokens = {};
  int64_t chunk_length = 30;
  std::optional<double> hallucination_silence_threshold = {};
  std::optional<double> language_detection_threshold = 0.5;
  int64_t language_detection_segments = 1;
  int64_t seed = 0;

  SpeechTask speech_task() const {
    return task == "translate" ? SpeechTask::translate : SpeechTask::transcribe;
  }
  bool detects_language() const { return language.empty() || language == "auto"; }
  // Error(usage) naming the first field that is out of range or contradicts another, and what it takes.
  void check() const;
};

// Parts [start, end) of a recording in seconds, from faster-whisper's clip_timestamps,
// "start,end,start,end,…"; no end means up to the recording's. Error(usage) for what is no time and for times
// that go back.
std::vector<std::pair<double, std::optional<double>>> parse_clip_timestamps(const std::string& text);

inline constexpr std::string_view kSpeechTasks[] = {"transcribe", "translate"};

// One field as the command line and pipelines show it.
struct TranscriptionField {
  using Member =
      std::variant<bool TranscriptionOptions::*, int64_t TranscriptionOptions::*,
                   double TranscriptionOptions::*, std::string TranscriptionOptions::*,
                   std::optional<int64_t> TranscriptionOptions::*,
                   std::optional<double> TranscriptionOptions::*,
                   std::vector<int64_t> TranscriptionOptions::*, std::vector<double> TranscriptionOptions::*>;
  std::string_view name;  // with underscores; the command line puts dashes
  Member member;
  std::string_view help;
  double least = 0, most = 0;  // of a number, or of each in a list; equal where there is no range
  std::span<const std::string_view> choices;  // of a word, when it must be one of them
};

// Every field of TranscriptionOptions, in its order.
inline constexpr TranscriptionField kTranscriptionFields[] = {
    {"language",
     &TranscriptionOptions::language,
     "spoken language: a code (en) or a name (english); auto detects it",
     0,
     0,
     {}},
    {"task", &TranscriptionOptions::task, "write what is said, or translate it into English", 0, 0,
     kSpeechTasks},
    {"beam_size",
     &TranscriptionOptions::beam_size,
     "beams of the search at temperature 0; 1 is greedy",
     1,
     100,
     {}},
    {"best_of", &TranscriptionOptions::best_of, "candidates drawn at temperatures above 0", 1, 100, {}},
    {"patience",
     &TranscriptionOptions::patience,
     "the search ends after beam_size times this many complete candidates",
     0.01,
     100,
     {}},
    {"length_penalty",
     &TranscriptionOptions::length_penalty,
     "candidates rank by log probability / length ^ this",
     -10,
     10,
     {}},
    {"repetition_penalty",
     &TranscriptionOptions::repetition_penalty,
     "above 1 makes tokens that were written less likely",
     0.01,
     100,
     {}},
    {"no_repeat_ngram_size",
     &TranscriptionOptions::no_repeat_ngram_size,
     "no run of this many tokens appears twice; 0 allows",
     0,
     448,
     {}},
    {"temperature",
     &TranscriptionOptions::temperature,
     "tried one after the other until a window's text passes the checks",
     0,
     10,
     {}},
    {"compression_ratio_threshold",
     &TranscriptionOptions::compression_ratio_threshold,
     "text that compresses better than this repeats itself: try the next temperature",
     0,
     1000,
     {}},
    {"log_prob_threshold",
     &TranscriptionOptions::log_prob_threshold,
     "average log probability below which the next temperature is tried",
     -1000,
     0,
     {}},
    {"no_speech_threshold",
     &TranscriptionOptions::no_speech_threshold,
     "probability of no speech above which an unsure window counts as silent",
     0,
     1,
     {}},
    {"condition_on_previous_text",
     &TranscriptionOptions::condition_on_previous_text,
     "give the model the text before as context",
     0,
     0,
     {}},
    {"prompt_reset_on_temperature",
     &TranscriptionOptions::prompt_reset_on_temperature,
     "text found at a higher temperature than this is no context for what follows",
     0,
     10,
     {}},
    {"initial_prompt",
     &TranscriptionOptions::initial_prompt,
     "text to give as context of the first window",
     0,
     0,
     {}},
    {"prefix", &TranscriptionOptions::prefix, "text that the first window begins with", 0, 0, {}},
    {"hotwords",
     &TranscriptionOptions::hotwords,
     "words to expect, given as context of every window; no effect with prefix",
     0,
     0,
     {}},
    {"suppress_blank",
     &TranscriptionOptions::suppress_blank,
     "a window's text doesn't begin with a blank",
     0,
     0,
     {}},
    {"suppress_tokens",
     &TranscriptionOptions::suppress_tokens,
     "token ids that are never written; -1 stands for the symbols that nobody speaks",
     -1,
     1e9,
     {}},
    {"without_timestamps",
     &TranscriptionOptions::without_timestamps,
     "write text only, without timestamps",
     0,
     0,
     {}},
    {"max_initial_timestamp",
     &TranscriptionOptions::max_initial_timestamp,
     "the first timestamp is no later, in seconds",
     0,
     30,
     {}},
    {"word_timestamps", &TranscriptionOptions::word_timestamps, "find each word's time", 0, 0, {}},
    {"prepend_punctuations",
     &TranscriptionOptions::prepend_punctuations,
     "punctuation that belongs to the word after it",
     0,
     0,
     {}},
    {"append_punctuations",
     &TranscriptionOptions::append_punctuations,
     "punctuation that belongs to the word before it",
     0,
     0,
     {}},
    {"multilingual", &TranscriptionOptions::multilingual, "detect the language of every window", 0, 0, {}},
    {"max_new_tokens",
     &TranscriptionOptions::max_new_tokens,
     "tokens written per window at most",
     1,
     448,
     {}},
    {"chunk_length", &TranscriptionOptions::chunk_length, "seconds of sound per window", 1, 30, {}},
    {"hallucination_silence_threshold",
     &TranscriptionOptions::hallucination_silence_threshold,
     "with word_timestamps: skip silence longer than this many seconds around a suspicious text",
     0,
     30,
     {}},
    {"language_detection_threshold",
     &TranscriptionOptions::language_detection_threshold,
     "a language at least this likely is settled at once",
     0,
     1,
     {}},
    {"language_detection_segments",
     &TranscriptionOptions::language_detection_segments,
     "windows that vote for the language while none is likely enough",
     1,
     1000,
     {}},
    {"seed", &TranscriptionOptions::seed, "of the draws at temperatures above 0", 0, 9e15, {}},
};

// The field of that member.
constexpr const TranscriptionField& transcription_field(TranscriptionField::Member member) {
  for (const TranscriptionField& field : kTranscriptionFields)
    if (field.member == member) return field;
  throw "no such field";  // at compile time: every member has one
}

}  // namespace millrace
