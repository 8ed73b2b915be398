#pragma once
#include <span>

#include "tokenizers/tokenizer_file.h"

namespace millrace {

// Byte-pair encoding's merges from a vocabulary alone: each pair of tokens that makes a third, in the order
// of those that they make, as transformers derives them from SentencePiece's and tiktoken's files.
struct MergeOrder {
  std::span<const double> scores = {};  // by id, best first; by id from 0 on where there are none
  bool by_length = true;  // the pairs that make one token: shortest left half first; else by ids
};

// Adds them to `file`. Error(model) when the tokens are too long to be a vocabulary's.
void add_derived_merges(TokenizerFile& file, const MergeOrder& order);

}  // namespace millrace
