#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace millrace {

// The tokens of a model and their ids, both ways. Texts lie in one block and the table is open-addressed, so
// that a hundred thousand tokens load in milliseconds.
class Vocabulary {
 public:
  static constexpr TokenId kMostId = (1 << 24) - 1;

  void reserve(size_t tokens, size_t bytes);
  // A token that is there already gets the new id; an id that is taken gets the new token. Error(model) when
  // the id is negative or above kMostId.
  void add(std::string_view token, int64_t id);

  std::optional<TokenId> id_of(std::string_view token) const;
  std::optional<std::string_view> token_of(TokenId id) const;
  size_t count() const { return entries_.size(); }
  size_t longest() const { return longest_; }         // bytes of a token
  TokenId largest_id() const { return largest_id_; }  // -1 when empty

 private:
  struct Entry {
    size_t offset;
    uint32_t size;
    TokenId id;
  };
  std::string_view text_of(const Entry& entry) const { return {text_.data() + entry.offset, entry.size}; }
  struct Slot {
    uint32_t entry = 0;  // 1 + index, or 0
    uint32_t hash = 0;   // most mismatches are seen without a look at the text
  };
  size_t slot_of(std::string_view token, size_t hash) const;
  void grow(size_t slots);

  std::string text_;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;         // a power of two
  std::vector<uint32_t> entry_of_;  // by id: 1 + index of an entry, or 0
  size_t longest_ = 0;
  TokenId largest_id_ = -1;
};

}  // namespace millrace
