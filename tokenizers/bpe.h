#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizers/subword_model.h"

namespace millrace {

// Byte-pair encoding (Sennrich et al., 2016, https://arxiv.org/abs/1508.07909), as the `tokenizers` library
// applies it: of all neighbours that a merge joins, those of the earliest merge first, from left to right. n
// log n in the word.
class Bpe final : public SubwordModel {
 public:
  struct Options {
    std::optional<std::string> unknown = {};  // the token for characters that the vocabulary lacks
    std::string continuing_prefix = {};       // written before every character but the first
    std::string end_suffix = {};              // written after the last character
    bool fuse_unknown = false;                // one unknown token for neighbours
    bool byte_fallback = false;               // "<0x0A>" tokens rather than the unknown token
    bool ignore_merges = false;               // a word that is a token stays whole
  };
  using Merges = std::vector<std::pair<std::string_view, std::string_view>>;  // earliest first

  // Error(model) when a merge or the unknown token names what the vocabulary lacks.
  Bpe(Vocabulary vocabulary, const Merges& merges, Options options);

  void tokenize(std::string_view word, std::vector<TokenId>& ids) const override;
  bool allows_space_cleanup() const override { return false; }

 private:
  struct Merge {
    uint64_t pair = kNone;
    int32_t rank = 0;
    TokenId id = 0;
  };
  struct Symbol {
    TokenId id;
    int32_t previous, next;
  };
  struct Candidate {
    int32_t rank, position;
    TokenId id;
    bool operator<(const Candidate& other) const {  // for a heap whose top is the earliest merge, leftmost
      return rank != other.rank ? rank > other.rank : position > other.position;
    }
  };
  static constexpr uint64_t kNone = ~uint64_t{0};

  void add_merge(uint64_t pair, int32_t rank, TokenId id);
  const Merge* find_merge(TokenId left, TokenId right) const;
  TokenId id_of_character(std::string_view character, bool first, bool last) const;  // -1: none
  void add_symbols(std::string_view word, std::vector<Symbol>& symbols) const;
  bool add_bytes(std::string_view text, std::vector<Symbol>& symbols) const;
  void merge(std::vector<Symbol>& symbols, std::vector<Candidate>& heap) const;

  Options options_;
  TokenId unknown_ = -1;
  std::array<TokenId, 256> byte_tokens_;  // for byte_fallback; -1: none
  std::array<TokenId, 0x180> common_;  // ids of the first characters of Unicode: all that byte-level text has
  std::vector<Merge> merges_;          // open-addressed by pair
};

}  // namespace millrace
