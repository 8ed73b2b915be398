#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoders/constraint/character_set.h"

namespace millrace {

// A regular expression as it was written.
struct RegexNode {
  enum class Kind : uint8_t { characters, sequence, choice, repeat };
  Kind kind = Kind::sequence;
  CharacterSet characters;       // one of these
  std::vector<RegexNode> parts;  // of a sequence or choice; the one repeated
  int64_t least = 0;             // repeat
  std::optional<int64_t> most;
};

struct Regex {
  RegexNode node;
  bool from_start = false, to_end = false;  // anchored by ^ and $
};

// Reads what ECMAScript, Python and most others have in common: alternatives, groups, classes with ranges and
// escapes, \d \w \s, quantifiers (greedy or not: the language is the same), ^ and $ around the whole. \d, \w
// and \s mean ASCII, and their opposites leave out what any of those languages does. Look-around, back
// references, \b and anchors elsewhere are Error(input) at `place`, with the character's number.
Regex parse_regex(std::string_view pattern, const std::string& place);

}  // namespace millrace
