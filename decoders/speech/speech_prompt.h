#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decoders/speech/speech_tokens.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

// What a window's decoding starts from.
struct SpeechPrompt {
  std::vector<TokenId> context;  // text before the window, or empty
  std::vector<TokenId> start;    // start of transcript, language, task, no timestamps
  std::vector<TokenId> prefix;   // of what is to be written
};

struct SpeechPromptParts {
  std::span<const TokenId> previous;  // tokens written so far; the last ones are kept
  std::span<const TokenId> hotwords;
  std::span<const TokenId> prefix;  // with it, hotwords have no effect
  std::vector<TokenId> start;       // SpeechTokens::start_sequence
  bool without_timestamps = false;
  int64_t max_length = 448;  // positions of the decoder; half of them are for the prompt
};
SpeechPrompt build_prompt(const SpeechTokens& tokens, const SpeechPromptParts& parts);

// Tokens of a text that a prompt is made of: spaces around it count as one before it. Nothing for a blank
// text.
std::vector<TokenId> encode_prompt_text(const Tokenizer& tokenizer, std::string_view text);

}  // namespace millrace
