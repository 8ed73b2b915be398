#pragma once
#include <functional>
#include <string>

#include "decoders/constraint/regex_syntax.h"

namespace millrace {

// How one character out of a set is written: as it is, or inside a JSON string.
using WriteCharacter = std::function<GrammarBuilder::Piece(GrammarBuilder&, const CharacterSet&)>;

GrammarBuilder::Piece regex_piece(GrammarBuilder& builder, const RegexNode& node,
                                  const WriteCharacter& write);

// A character of a JSON string: quotes, backslashes and control characters escaped in their shortest form.
GrammarBuilder::Piece json_character(GrammarBuilder& builder, const CharacterSet& set);

// Texts that fit the pattern from end to end (as with Python's re.fullmatch).
Grammar regex_grammar(std::string_view pattern, const std::string& place = "regex");

}  // namespace millrace
