#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/subword_model.h"

namespace millrace {

// BERT's model (Wu et al., 2016, https://arxiv.org/abs/1609.08144): from the left, the longest token each
// time. A word that cannot be written so, or is too long, is one unknown token.
class WordPiece final : public SubwordModel {
 public:
  struct Options {
    std::string unknown = "[UNK]";
    std::string continuing_prefix = "##";  // before every token of a word but the first
    int64_t most_characters = 100;         // of a word
  };
  WordPiece(Vocabulary vocabulary, Options options);

  void tokenize(std::string_view word, std::vector<TokenId>& ids) const override;

 private:
  Options options_;
  size_t longest_ = 0;  // bytes of a token
};

// Every word is a token, or unknown.
class WordLevel final : public SubwordModel {
 public:
  WordLevel(Vocabulary vocabulary, std::string unknown)
      : SubwordModel(std::move(vocabulary)), unknown_(std::move(unknown)) {}
  void tokenize(std::string_view word, std::vector<TokenId>& ids) const override;

 private:
  std::string unknown_;
};

}  // namespace millrace
