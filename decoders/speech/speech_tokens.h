#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decoders/generation/generation_config.h"
#include "decoders/text_decoder.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

enum class SpeechTask { transcribe, translate };

// The tokens of a Whisper-like vocabulary that mean something other than text.
struct SpeechTokens {
  struct Language {
    std::string code;
    TokenId token = 0;
  };

  TokenId start_of_transcript = 0, end_of_text = 0;
  TokenId no_timestamps = 0;
  // Time k * 0.02 s from the window's start is the token timestamp_begin + k, below timestamp_end.
  TokenId timestamp_begin = 0, timestamp_end = 0;
  std::optional<TokenId> transcribe, translate, start_of_previous, start_of_lm, no_speech;
  bool multilingual = false;        // knows languages and tasks
  std::vector<Language> languages;  // of the vocabulary's order; empty when not multilingual

  std::vector<TokenId> not_at_begin;  // a blank, and the end: an empty text
  // What stands for sounds rather than words ("♪", "(") or speaks about the speech; openai-whisper's set.
  std::vector<TokenId> non_speech;
  // (layer, head) of the cross-attention heads that follow the time, for word times.
  std::vector<std::pair<int, int>> alignment_heads;

  bool is_timestamp(TokenId token) const { return token >= timestamp_begin; }
  bool is_text(TokenId token) const { return token < end_of_text; }

  // What a transcript begins with: start, then language and task where the model knows such. Error(usage)
  // when it doesn't know the language or the task.
  std::vector<TokenId> start_sequence(std::string_view language, SpeechTask task) const;
};

// Finds them in the vocabulary, else in the generation configuration. Error(model) names what is missing.
SpeechTokens find_speech_tokens(const Tokenizer& tokenizer, const GenerationConfig& generation,
                                const TextDecoder& decoder);

}  // namespace millrace
