#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace millrace {

struct TokenWord {
  std::string text;  // with the space before it
  std::vector<TokenId> tokens;
};

// Cuts tokens into the smallest groups that are whole characters. Bytes that make no character in the whole
// text don't hold a group together.
std::vector<TokenWord> split_on_characters(const Tokenizer& tokenizer, std::span<const TokenId> tokens);

// Cuts text tokens into words: at spaces and around punctuation, or for languages without spaces between
// words at every group of whole characters. Follows openai-whisper's tokenizer.split_to_word_tokens.
std::vector<TokenWord> split_words(const Tokenizer& tokenizer, std::span<const TokenId> tokens,
                                   std::string_view language);

}  // namespace millrace
