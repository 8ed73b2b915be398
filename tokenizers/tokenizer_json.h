#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "tokenizers/tokenizer.h"
#include "tokenizers/tokenizer_config.h"

namespace millrace {

struct TokenizerFile;

// The tokenizer of a tokenizer.json's text. `name` is what errors call the file; `config` adds the tokens
// that only the files beside it know.
std::shared_ptr<const Tokenizer> tokenizer_from_json(std::string_view text, const std::string& name,
                                                     const TokenizerConfig& config = {});

// The same of what `file` holds, whichever files it was read from.
std::shared_ptr<const Tokenizer> compose_tokenizer(TokenizerFile file, const std::string& name,
                                                   const TokenizerConfig& config);

}  // namespace millrace
