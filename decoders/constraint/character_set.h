#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "decoders/constraint/grammar.h"

namespace millrace {

// A set of Unicode characters: sorted ranges that do not touch, without surrogates.
class CharacterSet {
 public:
  using Range = std::pair<char32_t, char32_t>;  // inclusive

  CharacterSet() = default;
  CharacterSet(std::initializer_list<Range> ranges);
  static CharacterSet all();

  void add(char32_t first, char32_t last);
  void add(const CharacterSet& other);
  CharacterSet inverted() const;
  CharacterSet without(const CharacterSet& other) const;
  CharacterSet within(const CharacterSet& other) const;
  bool has(char32_t character) const;

  const std::vector<Range>& ranges() const { return ranges_; }

 private:
  std::vector<Range> ranges_;
};

// One character of the set in UTF-8.
GrammarBuilder::Piece utf8_character(GrammarBuilder& builder, const CharacterSet& set);

}  // namespace millrace
