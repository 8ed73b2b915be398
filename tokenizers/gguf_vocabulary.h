#pragma once
#include <memory>
#include <string>

#include "tokenizers/tokenizer.h"

namespace millrace {

class GgufFile;

// The tokenizer that a GGUF file's metadata (tokenizer.ggml.*) describes: byte-level ("gpt2"),
// SentencePiece's
// ("llama", "t5") or BERT's, with the ids of the model's own tokenizer. Error(model) at the key of `file`.
std::shared_ptr<const Tokenizer> tokenizer_from_gguf(const GgufFile& file, const std::string& name);

}  // namespace millrace
