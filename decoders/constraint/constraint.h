#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace millrace {

// A set of tokens of a vocabulary.
class TokenMask {
 public:
  explicit TokenMask(int64_t vocabulary = 0) : words_(static_cast<size_t>((vocabulary + 63) / 64)) {}
  void add(TokenId token) { words_[static_cast<size_t>(token) / 64] |= uint64_t{1} << (token % 64); }
  void add(const TokenMask& other);
  bool has(TokenId token) const {
    const auto word = static_cast<size_t>(token) / 64;
    return token >= 0 && word < words_.size() && (words_[word] >> (token % 64) & 1) != 0;
  }
  // -infinity for every token that is not in the set.
  void rule_out_others(std::span<float> logits) const;

 private:
  std::vector<uint64_t> words_;
};

// What a text that is generated has to look like, and how much of it is there. One per sequence.
class Constraint {
 public:
  virtual ~Constraint() = default;

  // The tokens that may come next, without end tokens. Valid until the next call.
  virtual const TokenMask& allowed() = 0;
  // Whether the text is complete as it is: an end token may come next. When no token is allowed it must.
  virtual bool complete() const = 0;
  // Goes on by a token of allowed(); false, and nothing changes, for any other.
  virtual bool advance(TokenId token) = 0;
  // Another sequence that begins like this one.
  virtual std::unique_ptr<Constraint> clone() const = 0;
};

}  // namespace millrace
