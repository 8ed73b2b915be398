#include "decoders/speech/speech_prompt.h"

#include <algorithm>

#include "decoders/speech/strip.h"

namespace millrace {

SpeechPrompt build_prompt(const SpeechTokens& tokens, const SpeechPromptParts& parts) {
  const auto room = static_cast<size_t>(std::max<int64_t>(0, parts.max_length / 2 - 1));
  SpeechPrompt prompt;
  prompt.start = parts.start;
  if (parts.without_timestamps) prompt.start.push_back(tokens.no_timestamps);

  const auto prefix = parts.prefix.first(std::min(room, parts.prefix.size()));
  if (!prefix.empty() && !parts.without_timestamps) prompt.prefix.push_back(tokens.timestamp_begin);
  prompt.prefix.insert(prompt.prefix.end(), prefix.begin(), prefix.end());

  const auto hotwords = prefix.empty() ? parts.hotwords.first(std::min(room, parts.hotwords.size()))
                                       : std::span<const TokenId>();
  const auto previous = parts.previous.last(std::min(room - hotwords.size(), parts.previous.size()));
  if (tokens.start_of_previous && !(hotwords.empty() && previous.empty())) {
    prompt.context.push_back(*tokens.start_of_previous);
    prompt.context.insert(prompt.context.end(), hotwords.begin(), hotwords.end());
    prompt.context.insert(prompt.context.end(), previous.begin(), previous.end());
  }
  return prompt;
}

std::vector<TokenId> encode_prompt_text(const Tokenizer& tokenizer, std::string_view text) {
  text = strip(text);
  if (text.empty()) return {};
  std::string spaced = " ";
  spaced += text;
  return tokenizer.encode(spaced, false);
}

}  // namespace millrace
