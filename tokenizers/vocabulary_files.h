#pragma once
#include <filesystem>
#include <memory>

#include "tokenizers/tokenizer.h"
#include "tokenizers/tokenizer_config.h"

namespace millrace {

struct TokenizerFile;

// The byte-level tokenizer of a folder with vocab.json and merges.txt, the form in which GPT-2 and Whisper
// first came.
std::shared_ptr<const Tokenizer> tokenizer_from_vocabulary_files(const std::filesystem::path& folder,
                                                                 const TokenizerConfig& config);

// The byte-level tokenizer of `file`'s vocabulary and merges; `where` they come from is for messages.
std::shared_ptr<const Tokenizer> byte_level_tokenizer(TokenizerFile file, const TokenizerConfig& config,
                                                      const std::string& where);

}  // namespace millrace
