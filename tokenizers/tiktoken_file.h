#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "tokenizers/tokenizer.h"
#include "tokenizers/tokenizer_config.h"

namespace millrace {

// Whether the text begins as tiktoken's files do: a line of a token in base64, a space and its rank.
bool is_tiktoken(std::string_view text);

// The tokenizer of a tiktoken file, as transformers' TikTokenConverter makes it. The ranks are the ids and
// the order of the merges; the pattern that cuts the words goes by `config.tokenizer_class`, and is Llama 3's
// for most. Error(model) at "name:line".
std::shared_ptr<const Tokenizer> tokenizer_from_tiktoken(std::string_view text, const std::string& name,
                                                         TokenizerConfig config);

}  // namespace millrace
