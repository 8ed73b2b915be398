#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/tokenizer_config.h"

namespace millrace {

// What a SentencePiece model file itself says of the text it expects.
struct SentencePieceSettings {
  bool unigram = true;  // else byte-pair encoding
  bool byte_fallback = false;
  int64_t unknown = 0;
  std::string unknown_piece = "<unk>";
  std::string charsmap = {};  // in base64; may be empty
};

// How transformers' tokenizer classes treat a SentencePiece vocabulary: the document of a tokenizer.json
// without its tables. `tokenizer_class` says which; those that are not known do as the file's settings say.
struct SentencePieceShape {
  bool unigram = false;     // the class takes the vocabulary as scores, whatever it was trained as
  nlohmann::json document;  // as tokenizer.json's
  std::vector<std::string> more_tokens = {};  // after the file's own
};
// Completes `config` by the class's own special tokens.
SentencePieceShape sentencepiece_shape(std::string_view tokenizer_class,
                                       const SentencePieceSettings& settings, TokenizerConfig& config);

}  // namespace millrace
