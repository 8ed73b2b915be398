#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "tokenizers/tokenizer.h"
#include "tokenizers/tokenizer_config.h"

namespace millrace {

// The tokenizer of a SentencePiece model file (sentencepiece_model.proto), used as transformers' class
// `config.tokenizer_class` uses it. The file is read here rather than by libsentencepiece: transformers too
// takes only the tables from it, and its words are cut by the `tokenizers` library's rules. Error(model) at
// "name @ byte N".
std::shared_ptr<const Tokenizer> tokenizer_from_sentencepiece(std::string_view bytes, const std::string& name,
                                                              TokenizerConfig config);

}  // namespace millrace
