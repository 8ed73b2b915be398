#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// The table by which a SentencePiece model rewrites characters (its precompiled_charsmap): a double-array
// trie of texts, as Darts lays it out, and what each becomes. Applied as the `tokenizers` library does: to
// short grapheme clusters as a whole first, then to single characters.
class Charsmap {
 public:
  // Error(model) when the bytes are none.
  explicit Charsmap(std::string_view bytes);

  void apply(std::string& text) const;  // valid UTF-8 in and out

 private:
  std::optional<std::string_view> find(std::string_view text) const;  // of the shortest part it begins with

  std::vector<uint32_t> units_;
  std::string replacements_;  // each ends with a zero
};

}  // namespace millrace
