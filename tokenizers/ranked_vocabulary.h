#pragma once
#include <filesystem>
#include <memory>

#include "tokenizers/tokenizer_config.h"

namespace millrace {

class Tokenizer;

// The byte-level tokenizer of a list of tokens alone, vocabulary.json or vocabulary.txt as CTranslate2's
// folders have it. A token's place is its id, and that of a token made by merging the merge's rank, as in
// OpenAI's tiktoken: so the merges follow from the list. Tokens written <|like this|> are special, except
// times. Error(model) for a file of another form.
std::shared_ptr<const Tokenizer> tokenizer_from_ranked_vocabulary(const std::filesystem::path& file,
                                                                  const TokenizerConfig& config);

}  // namespace millrace
