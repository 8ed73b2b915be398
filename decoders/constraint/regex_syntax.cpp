#include "decoders/constraint/regex_syntax.h"

#include "base/error.h"
#include "base/utf8.h"

namespace millrace {
namespace {

constexpr int kDepth = 200;
constexpr int64_t kRepeats = 100'000;

const CharacterSet kDigits = {{'0', '9'}};
const CharacterSet kWord = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
const CharacterSet kSpace = {{'\t', '\r'}, {' ', ' '}};
const CharacterSet kAscii = {{0, 0x7F}};
// What counts as a space anywhere.
const CharacterSet kAnySpace = {{'\t', '\r'},     {0x1C, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
                                {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
                                {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
const CharacterSet kLineEnds = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

RegexNode one_of(CharacterSet characters) {
  RegexNode node;
  node.kind = RegexNode::Kind::characters;
  node.characters = std::move(characters);
  return node;
}

RegexNode one(char32_t character) { return one_of({{character, character}}); }

class Parser {
 public:
  Parser(std::string_view pattern, const std::string& place) : place_(place) {
    if (!utf8::is_valid(pattern)) fail_at(ErrorKind::input, place, "the pattern is not valid UTF-8");
    for (size_t at = 0; at < pattern.size();) {
      const auto [code, size] = utf8::decode_at(pattern, at);
      text_.push_back(code);
      at += size;
    }
  }

  Regex parse() {
    Regex regex;
    regex.node = choice(0);
    if (at_ < text_.size()) refuse("')' without '('");
    // Anchors around alternatives bind tighter than '|': "^a|b$" is anchored once in each.
    if (starts_ != ends_of_choice_ && starts_ > 0) refuse("'^' in some alternatives only");
    if (stops_ != ends_of_choice_ && stops_ > 0) refuse("'$' in some alternatives only");
    regex.from_start = starts_ > 0;
    regex.to_end = stops_ > 0;
    return regex;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    fail_at(ErrorKind::input, place_, "the pattern has {} at character {}", what, at_ + 1);
  }
  bool more() const { return at_ < text_.size(); }
  bool next_is(char32_t character, size_t ahead = 0) const {
    return at_ + ahead < text_.size() && text_[at_ + ahead] == character;
  }
  bool take(char32_t character) {
    if (!next_is(character)) return false;
    ++at_;
    return true;
  }

  RegexNode choice(int depth) {
    if (depth > kDepth) refuse("groups nested too deeply");
    RegexNode node;
    node.kind = RegexNode::Kind::choice;
    do {
      node.parts.push_back(sequence(depth));
      if (depth == 0) ++ends_of_choice_;
    } while (take('|'));
    return node.parts.size() == 1 ? std::move(node.parts[0]) : node;
  }

  RegexNode sequence(int depth) {
    RegexNode node;
    if (depth == 0 && take('^')) ++starts_;
    while (more() && !next_is('|') && !next_is(')')) {
      if (next_is('$')) {
        const bool last = at_ + 1 == text_.size() || next_is('|', 1);
        if (depth > 0 || !last) refuse("'$' before the end");
        ++at_;
        ++stops_;
        break;
      }
      node.parts.push_back(quantified(depth));
    }
    return node;
  }

  RegexNode quantified(int depth) {
    RegexNode node = atom(depth);
    while (more()) {
      RegexNode repeat;
      repeat.kind = RegexNode::Kind::repeat;
      if (take('*')) {
      } else if (take('+')) {
        repeat.least = 1;
      } else if (take('?')) {
        repeat.most = 1;
      } else if (!bounds(repeat)) {
        break;
      }
      take('?');  // not greedy: the same texts
      repeat.parts.push_back(std::move(node));
      node = std::move(repeat);
      if (next_is('+') || next_is('*')) refuse("a quantifier of a quantifier");
    }
    return node;
  }

  std::optional<int64_t> number() {
    std::optional<int64_t> value;
    while (more() && text_[at_] >= '0' && text_[at_] <= '9') {
      value = value.value_or(0) * 10 + (text_[at_++] - '0');
      if (*value > kRepeats) refuse("a number of repeats beyond 100000");
    }
    return value;
  }

  // {m}, {m,}, {,n} or {m,n}; anything else in braces stands for itself.
  bool bounds(RegexNode& repeat) {
    if (!next_is('{')) return false;
    const size_t before = at_++;
    const auto least = number();
    const bool comma = take(',');
    const auto most = comma ? number() : least;
    if (!take('}') || (!least && !most)) {
      at_ = before;
      return false;
    }
    repeat.least = least.value_or(0);
    repeat.most = most;
    if (most && *most < repeat.least) refuse("repeats whose most is below the least");
    return true;
  }

  RegexNode atom(int depth) {
    if (take('(')) return group(depth);
    if (take('[')) return one_of(char_class());
    if (take('.')) return one_of(kLineEnds.inverted());
    if (next_is('^')) refuse("'^' after the start");
    if (next_is('*') || next_is('+') || next_is('?')) refuse("nothing to repeat");
    if (take('\\')) return one_of(escape(false));
    return one(text_[at_++]);
  }

  RegexNode group(int depth) {
    if (take('?')) {
      if (take('P') || next_is('<')) {
        if (!take('<') || next_is('=') || next_is('!'))
          refuse("look-behind or a group that is not supported");
        while (more() && !next_is('>')) ++at_;
        if (!take('>')) refuse("a group whose name does not end");
      } else if (!take(':')) {
        refuse("look-ahead or a flag, which is not supported");
      }
    }
    RegexNode node = choice(depth + 1);
    if (!take(')')) refuse("'(' without ')'");
    return node;
  }

  char32_t hexadecimal(int digits) {
    char32_t value = 0;
    for (int i = 0; i < digits; ++i) {
      const char32_t c = more() ? text_[at_++] : 0;
      if (c >= '0' && c <= '9') {
        value = value * 16 + (c - '0');
      } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
        value = value * 16 + ((c | 0x20) - 'a' + 10);
      } else {
        refuse("an escape with too few hexadecimal digits");
      }
    }
    return value;
  }

  CharacterSet escape(bool in_class) {
    if (!more()) refuse("'\\' at the end");
    const char32_t c = text_[at_++];
    const auto single = [](char32_t character) { return CharacterSet{{character, character}}; };
    switch (c) {
      case 'd':
        return kDigits;
      case 'w':
        return kWord;
      case 's':
        return kSpace;
      // Only what every language agrees on: Python counts other scripts' letters and digits among \w and \d.
      case 'D':
        return kAscii.without(kDigits);
      case 'W':
        return kAscii.without(kWord);
      case 'S':
        return kAnySpace.inverted();
      case 't':
        return single('\t');
      case 'n':
        return single('\n');
      case 'r':
        return single('\r');
      case 'f':
        return single('\f');
      case 'v':
        return single('\v');
      case '0':
        return single(0);
      case 'x':
        return single(hexadecimal(2));
      case 'u':
        return single(code_unit());
      default:
        break;
    }
    if (c == 'b' && in_class) return single('\b');
    const bool letter = (c >= '1' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    if (letter) {
      --at_;
      refuse("an escape that is not supported (\\b, \\p and back references are none)");
    }
    return single(c);
  }

  char32_t code_unit() {
    if (take('{')) {
      char32_t value = 0;
      while (more() && !next_is('}') && value <= 0x10FFFF) value = value * 16 + hexadecimal(1);
      if (!take('}') || value > 0x10FFFF) refuse("an escape beyond Unicode");
      return value;
    }
    const char32_t high = hexadecimal(4);
    if (high < 0xD800 || high > 0xDBFF || !next_is('\\') || !next_is('u', 1)) return high;
    at_ += 2;
    return 0x10000 + ((high - 0xD800) << 10) + (hexadecimal(4) - 0xDC00);
  }

  CharacterSet char_class() {
    const bool inverted = take('^');
    CharacterSet set;
    bool first = true;
    while (!next_is(']') || first) {
      if (!more()) refuse("'[' without ']'");
      if (first && next_is(']')) refuse("an empty class, or ']' that should be '\\]'");
      first = false;
      const CharacterSet low = class_item();
      if (!next_is('-') || next_is(']', 1)) {
        set.add(low);
        continue;
      }
      ++at_;
      const CharacterSet high = class_item();
      const auto is_one = [](const CharacterSet& s) {
        return s.ranges().size() == 1 && s.ranges()[0].first == s.ranges()[0].second;
      };
      if (!is_one(low) || !is_one(high) || low.ranges()[0].first > high.ranges()[0].first)
        refuse("a range that is none");
      set.add(low.ranges()[0].first, high.ranges()[0].first);
    }
    ++at_;
    return inverted ? set.inverted() : set;
  }

  CharacterSet class_item() {
    if (!more()) refuse("'[' without ']'");
    if (take('\\')) return escape(true);
    const char32_t c = text_[at_++];
    return {{c, c}};
  }

  std::u32string text_;
  const std::string& place_;
  size_t at_ = 0;
  int starts_ = 0, stops_ = 0, ends_of_choice_ = 0;
};

}  // namespace

Regex parse_regex(std::string_view pattern, const std::string& place) {
  return Parser(pattern, place).parse();
}

}  // namespace millrace
