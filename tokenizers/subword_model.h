#pragma once
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "tokenizers/tokenizer.h"
#include "tokenizers/vocabulary.h"

namespace millrace {

// Cuts one word (what the pre-tokenizer left in one piece) into tokens of a vocabulary. Immutable.
class SubwordModel {
 public:
  explicit SubwordModel(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}
  virtual ~SubwordModel() = default;

  // Appends the ids of `word`, which is valid UTF-8 and not empty.
  virtual void tokenize(std::string_view word, std::vector<TokenId>& ids) const = 0;
  // Hugging Face's clean-up of spaces leaves byte-pair encoded text alone.
  virtual bool allows_space_cleanup() const { return true; }

  const Vocabulary& vocabulary() const { return vocabulary_; }

 protected:
  Vocabulary vocabulary_;
};

}  // namespace millrace
