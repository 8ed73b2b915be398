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
  std::string clip_timestamps = "0";
  std::optional<double> hallucination_silence_threshold = {};
  std::optional<double> language_detection_threshold = 0.5;
  int64_t language_detection_segments = 1;
  int64_t seed = 0;

  SpeechTask speech_task() const {
    return task == "translate" ? SpeechTask::translate : SpeechTask::transcribe;
  }
  bool detects_language() const { return language.empty() || language == "auto"; }
  // Parts [start, end) of the recording in seconds, from clip_timestamps; no end means up to the recording's.
  std::vector<std::pair<double, std::optional<double>>> clips() const;

  // Error(usage) naming the first field that is out of range or contradicts another, and what it takes.
  void check() const;
};

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
  double least = 0, most = 0;             // of a number, or of each in a list
  std::vector<std::string_view> choices;  // of a word, when it must be one of them
};

// Every field of TranscriptionOptions, in its order.
const std::vector<TranscriptionField>& transcription_fields();

}  // namespace millrace
