#include "decoders/constraint/json_pieces.h"

#include <map>

#include "base/utf8.h"
#include "decoders/constraint/character_set.h"

namespace millrace {
namespace {

constexpr int64_t kDigits = 18, kIndent = 20;

const CharacterSet& plain_characters() {
  static const CharacterSet kPlain = CharacterSet{{0, 0x1F}, {'"', '"'}, {'\\', '\\'}}.inverted();
  return kPlain;
}

CharacterSet ascii_set(std::string_view characters) {
  CharacterSet set;
  for (const char c : characters) set.add(static_cast<char32_t>(c), static_cast<char32_t>(c));
  return set;
}

}  // namespace

JsonPieces::JsonPieces(GrammarBuilder& builder, JsonSpacing spacing) : builder_(builder), spacing_(spacing) {}

JsonPieces::Rule JsonPieces::defined(std::optional<Rule>& rule, const std::function<Piece()>& make) {
  if (!rule) {
    rule = builder_.declare();  // before it is made: values hold values
    const Rule mine = *rule;
    builder_.define(mine, make());
  }
  return *rule;
}

JsonPieces::Piece JsonPieces::space() {
  if (spacing_ == JsonSpacing::none) return builder_.nothing();
  return builder_.call(defined(space_, [&] {
    const auto indent = [&] { return builder_.any_of({builder_.literal(" "), builder_.literal("\t")}); };
    return builder_.any_of(
        {builder_.nothing(), builder_.literal(" "),
         builder_.sequence({builder_.literal("\n"), builder_.repeated(indent, 0, kIndent)})});
  }));
}

JsonPieces::Piece JsonPieces::value() {
  return builder_.call(defined(value_, [&] {
    return builder_.any_of({object(), array(), string(), number(), builder_.literal("true"),
                            builder_.literal("false"), builder_.literal("null")});
  }));
}

JsonPieces::Piece JsonPieces::object() {
  return builder_.call(defined(object_, [&] {
    const auto member = [&] {
      return builder_.sequence({string(), builder_.literal(":"), space(), value()});
    };
    return braced('{', listed(member, 0, {}), '}');
  }));
}

JsonPieces::Piece JsonPieces::array() {
  return builder_.call(
      defined(array_, [&] { return braced('[', listed([&] { return value(); }, 0, {}), ']'); }));
}

JsonPieces::Piece JsonPieces::string() {
  return builder_.call(defined(string_, [&] { return string_of_length(0, {}); }));
}

JsonPieces::Piece JsonPieces::integer() {
  return builder_.call(defined(integer_, [&] {
    const auto digit = [&] { return builder_.bytes('0', '9'); };
    return builder_.sequence(
        {builder_.optional(builder_.literal("-")),
         builder_.any_of(
             {builder_.literal("0"),
              builder_.sequence({builder_.bytes('1', '9'), builder_.repeated(digit, 0, kDigits - 1)})})});
  }));
}

JsonPieces::Piece JsonPieces::number() {
  return builder_.call(defined(number_, [&] {
    const auto digit = [&] { return builder_.bytes('0', '9'); };
    const auto e = utf8_character(builder_, ascii_set("eE"));
    const auto sign = builder_.optional(utf8_character(builder_, ascii_set("+-")));
    return builder_.sequence(
        {integer(),
         builder_.optional(builder_.sequence({builder_.literal("."), builder_.repeated(digit, 1, kDigits)})),
         builder_.optional(builder_.sequence({e, sign, builder_.repeated(digit, 1, 2)}))});
  }));
}

JsonPieces::Piece JsonPieces::literal(const nlohmann::json& value) { return builder_.literal(value.dump()); }

JsonPieces::Piece JsonPieces::character() {
  const auto hex = [&](std::string_view digits) { return utf8_character(builder_, ascii_set(digits)); };
  const auto any = [&] { return hex("0123456789abcdefABCDEF"); };
  // \uXXXX, and two of them for a character beyond the first 65536.
  const auto single = builder_.any_of({builder_.sequence({hex("0123456789abcefABCEF"), any()}),
                                       builder_.sequence({hex("dD"), hex("01234567")})});
  const auto pair = builder_.sequence({hex("dD"), hex("89abAB"), any(), any(), builder_.literal("\\u"),
                                       hex("dD"), hex("cdefCDEF"), any(), any()});
  const auto escape = builder_.any_of(
      {utf8_character(builder_, ascii_set("\"\\/bfnrt")),
       builder_.sequence(
           {builder_.literal("u"), builder_.any_of({builder_.sequence({single, any(), any()}), pair})})});
  return builder_.any_of(
      {utf8_character(builder_, plain_characters()), builder_.sequence({builder_.literal("\\"), escape})});
}

JsonPieces::Piece JsonPieces::string_of_length(int64_t least, std::optional<int64_t> most) {
  return builder_.sequence({builder_.literal("\""),
                            builder_.repeated([&] { return character(); }, least, most),
                            builder_.literal("\"")});
}

JsonPieces::Piece JsonPieces::string_except(const std::vector<std::string>& names) {
  const auto start = builder_.literal("\""), end = builder_.literal("\"");
  // The names as a tree: what leaves it, or ends between two names, is another string.
  struct Node {
    std::map<char32_t, size_t> next;
    bool is_name = false;
  };
  std::vector<Node> tree(1);
  for (const std::string& name : names) {
    size_t at = 0;
    for (size_t i = 0; i < name.size();) {
      const auto [code, size] = utf8::decode_at(name, i);
      i += size;
      const auto [found, fresh] = tree[at].next.try_emplace(code, tree.size());
      const size_t next = found->second;
      if (fresh) tree.emplace_back();
      at = next;
    }
    tree[at].is_name = true;
  }
  const uint32_t other = builder_.add_state();
  const auto edge = [&](uint32_t from, const CharacterSet& set, uint32_t to) {
    const auto piece = utf8_character(builder_, set);
    builder_.connect(from, piece.start);
    builder_.connect(piece.end, to);
  };
  edge(other, plain_characters(), other);
  builder_.connect(other, end.start);
  std::vector<uint32_t> states(tree.size());
  for (uint32_t& state : states) state = builder_.add_state();
  for (size_t i = 0; i < tree.size(); ++i) {
    CharacterSet rest = plain_characters();
    for (const auto& [code, next] : tree[i].next) {
      const CharacterSet one = {{code, code}};
      edge(states[i], one.within(plain_characters()), states[next]);
      rest = rest.without(one);
    }
    edge(states[i], rest, other);
    if (!tree[i].is_name) builder_.connect(states[i], end.start);
  }
  builder_.connect(start.end, states[0]);
  return {start.start, end.end};
}

JsonPieces::Piece JsonPieces::braced(char open, Piece items, char close) {
  return builder_.sequence({builder_.literal(std::string(1, open)), space(), items, space(),
                            builder_.literal(std::string(1, close))});
}

JsonPieces::Piece JsonPieces::comma() { return builder_.sequence({builder_.literal(","), space()}); }

JsonPieces::Piece JsonPieces::listed(const std::function<Piece()>& item, int64_t least,
                                     std::optional<int64_t> most) {
  if (most && *most == 0) return least > 0 ? builder_.impossible() : builder_.nothing();
  const auto further = [&] { return builder_.sequence({comma(), item()}); };
  const auto rest_most = most ? std::optional(*most - 1) : std::nullopt;
  const auto some =
      builder_.sequence({item(), builder_.repeated(further, std::max<int64_t>(least - 1, 0), rest_most)});
  return least > 0 ? some : builder_.optional(some);
}

Grammar json_object_grammar(JsonSpacing spacing) {
  GrammarBuilder builder;
  JsonPieces json(builder, spacing);
  const auto root = builder.declare();
  builder.define(root, json.object());
  return builder.finish(root);
}

}  // namespace millrace
