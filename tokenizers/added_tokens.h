#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tokenizers/pre_tokenizer.h"
#include "tokenizers/subword_model.h"
#include "tokenizers/text_normalizer.h"

namespace millrace {

struct AddedToken {
  std::string content;
  bool single_word = false;  // only where no word character touches it
  bool lstrip = false;       // takes the white space before it
  bool rstrip = false;       // and after it
  bool normalized = true;    // is looked for in the normalized text, itself normalized
  bool special = false;      // may be left out when decoding
};

// Tokens beside the model's vocabulary, found in the text before it is cut into words.
class AddedTokens {
 public:
  // A token that `model` knows keeps the model's id; others are numbered on from the largest id, in their
  // order.
  void add(const std::vector<AddedToken>& tokens, const SubwordModel& model,
           const TextNormalizer* normalizer);

  // The pieces of `text` (valid UTF-8): added tokens, and the normalized text between them. Of the tokens
  // that begin at a place the longest is taken.
  Pieces split(std::string text, const TextNormalizer* normalizer) const;

  struct Entry {
    AddedToken token;
    std::string text;  // normalized where the token is
  };
  const Entry* find(TokenId id) const;
  std::optional<TokenId> id_of(std::string_view content) const;
  bool is_special_text(std::string_view text) const { return special_.contains(std::string(text)); }
  bool has(const AddedToken& token) const;
  TokenId largest_id() const { return by_id_.empty() ? -1 : by_id_.rbegin()->first; }

 private:
  // The tokens' texts as a tree of bytes.
  class Trie {
   public:
    Trie() : nodes_(1) { begins_.fill(false); }
    void insert(std::string_view text, TokenId id);
    bool empty() const { return nodes_.size() == 1; }
    // The longest token that begins at `at`: its id and size, or -1.
    std::pair<TokenId, size_t> longest_at(std::string_view text, size_t at) const;

   private:
    struct Node {
      std::vector<std::pair<unsigned char, uint32_t>> children;  // sorted
      TokenId id = -1;
    };
    std::vector<Node> nodes_;
    std::array<bool, 256> begins_;
  };
  void split_piece(Piece piece, const Trie& trie, Pieces& out) const;

  std::map<TokenId, Entry> by_id_;
  std::unordered_map<std::string, TokenId> id_of_;
  std::unordered_set<std::string> special_;
  Trie as_given_, normalized_;
};

}  // namespace millrace
