#include "decoders/constraint/regex_grammar.h"

#include <fmt/core.h>

#include "base/error.h"

namespace millrace {

GrammarBuilder::Piece regex_piece(GrammarBuilder& builder, const RegexNode& node,
                                  const WriteCharacter& write) {
  using Kind = RegexNode::Kind;
  if (node.kind == Kind::characters) return write(builder, node.characters);
  if (node.kind == Kind::repeat)
    return builder.repeated([&] { return regex_piece(builder, node.parts[0], write); }, node.least,
                            node.most);
  std::vector<GrammarBuilder::Piece> parts;
  for (const RegexNode& part : node.parts) parts.push_back(regex_piece(builder, part, write));
  return node.kind == Kind::choice ? builder.any_of(parts) : builder.sequence(parts);
}

GrammarBuilder::Piece json_character(GrammarBuilder& builder, const CharacterSet& set) {
  static const CharacterSet kPlain = CharacterSet{{0, 0x1F}, {'"', '"'}, {'\\', '\\'}}.inverted();
  constexpr std::pair<char32_t, char> kShort[] = {{'"', '"'},  {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'},
                                                  {'\n', 'n'}, {'\r', 'r'},  {'\t', 't'}};
  std::vector<GrammarBuilder::Piece> ways = {utf8_character(builder, set.within(kPlain))};
  CharacterSet long_ones = set.within({{0, 0x1F}});
  for (const auto& [character, letter] : kShort) {
    if (!set.has(character)) continue;
    ways.push_back(builder.literal(std::string("\\") + letter));
    long_ones = long_ones.without({{character, character}});
  }
  for (const auto& [first, last] : long_ones.ranges())
    for (char32_t c = first; c <= last; ++c)
      ways.push_back(builder.literal(fmt::format("\\u{:04x}", static_cast<uint32_t>(c))));
  return builder.any_of(ways);
}

Grammar regex_grammar(std::string_view pattern, const std::string& place) {
  GrammarBuilder builder;
  const auto root = builder.declare();
  builder.define(root, regex_piece(builder, parse_regex(pattern, place).node, utf8_character));
  return builder.finish(root);
}

}  // namespace millrace
