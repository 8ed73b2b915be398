#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace millrace {

// The bytes of a vocabulary's tokens as a tree, for walking an automaton over all of them at once. Tokens
// without bytes and special tokens are no part of it. Immutable: one for each tokenizer serves all
// constraints.
class TokenTrie {
 public:
  struct Node {
    uint8_t byte = 0;
    uint16_t depth = 0;                    // bytes down to here, from 1
    uint32_t after = 0;                    // the next node that is not below this one
    uint32_t first_token = 0, tokens = 0;  // those that end here
  };

  explicit TokenTrie(const Tokenizer& tokenizer);
  explicit TokenTrie(std::vector<std::string> token_bytes);

  // In depth-first order, so that a walk only ever goes on or skips ahead.
  const std::vector<Node>& nodes() const { return nodes_; }
  TokenId token(size_t index) const { return tokens_[index]; }
  const std::string& bytes_of(TokenId token) const { return bytes_[static_cast<size_t>(token)]; }
  int64_t vocabulary() const { return static_cast<int64_t>(bytes_.size()); }

 private:
  void build();

  std::vector<std::string> bytes_;
  std::vector<Node> nodes_;
  std::vector<TokenId> tokens_;
};

}  // namespace millrace
