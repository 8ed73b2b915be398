#pragma once
#include "decoders/speech/transcription_options.h"
#include "graph/contract.h"

namespace millrace {

// One of the transcription options as a parameter, with the name, help and range of its own table.
template <auto M>
constexpr Param<M> transcription_param() {
  const TranscriptionField& field = transcription_field(M);
  if (field.least == field.most) return {field.name, field.help, {}, {}};
  return {field.name, field.help, {.min = field.least, .max = field.most}, {}};
}

// All of them, for the contracts of nodes whose Params derive from TranscriptionOptions; `more` go first.
template <class... More>
constexpr auto transcription_params(More... more) {
  using Options = TranscriptionOptions;
  return params(
      more..., transcription_param<&Options::language>(),
      choice<&Options::task>("task", kSpeechTasks, transcription_field(&Options::task).help),
      transcription_param<&Options::beam_size>(), transcription_param<&Options::best_of>(),
      transcription_param<&Options::patience>(), transcription_param<&Options::length_penalty>(),
      transcription_param<&Options::repetition_penalty>(),
      transcription_param<&Options::no_repeat_ngram_size>(), transcription_param<&Options::temperature>(),
      transcription_param<&Options::compression_ratio_threshold>(),
      transcription_param<&Options::log_prob_threshold>(),
      transcription_param<&Options::no_speech_threshold>(),
      transcription_param<&Options::condition_on_previous_text>(),
      transcription_param<&Options::prompt_reset_on_temperature>(),
      transcription_param<&Options::initial_prompt>(), transcription_param<&Options::prefix>(),
      transcription_param<&Options::hotwords>(), transcription_param<&Options::suppress_blank>(),
      transcription_param<&Options::suppress_tokens>(), transcription_param<&Options::without_timestamps>(),
      transcription_param<&Options::max_initial_timestamp>(),
      transcription_param<&Options::word_timestamps>(), transcription_param<&Options::prepend_punctuations>(),
      transcription_param<&Options::append_punctuations>(), transcription_param<&Options::multilingual>(),
      transcription_param<&Options::max_new_tokens>(), transcription_param<&Options::chunk_length>(),
      transcription_param<&Options::hallucination_silence_threshold>(),
      transcription_param<&Options::language_detection_threshold>(),
      transcription_param<&Options::language_detection_segments>(), transcription_param<&Options::seed>());
}

}  // namespace millrace
