#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizers/subword_model.h"

namespace millrace {

// SentencePiece's unigram language model (Kudo, 2018, https://arxiv.org/abs/1804.10959): the tokens of
// greatest summed score (log-probability), by the Viterbi algorithm. Time is the word's length times that of
// the longest token.
class Unigram final : public SubwordModel {
 public:
  // `scores` by id. Characters that no token covers are `unknown`, neighbours fused into one; with
  // `byte_fallback`,
  // "<0x0A>" tokens. Error(model) when `unknown` is not a token.
  struct Options {
    std::vector<double> scores = {};
    std::optional<TokenId> unknown = {};
    bool byte_fallback = false;
  };
  Unigram(Vocabulary vocabulary, Options options);

  void tokenize(std::string_view word, std::vector<TokenId>& ids) const override;

 private:
  struct Node {                                                // of the tokens' texts as a tree of bytes
    std::vector<std::pair<unsigned char, uint32_t>> children;  // sorted
    TokenId id = -1;
  };
  struct Step {
    double score = 0;
    size_t begin = kNowhere;  // of the best token that ends here
    TokenId id = -1;
  };
  static constexpr size_t kNowhere = ~size_t{0};

  void insert(std::string_view token, TokenId id);
  std::vector<Step> best_steps(std::string_view word) const;
  void add_unknown(std::string_view text, std::vector<TokenId>& ids) const;

  Options options_;
  double unknown_score_ = 0;
  std::vector<Node> nodes_;
};

}  // namespace millrace
