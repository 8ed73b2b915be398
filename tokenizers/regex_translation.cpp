#include "tokenizers/regex_translation.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "tokenizers/unicode.h"

namespace millrace {
namespace {

constexpr std::string_view kSpaces =
    R"(\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
constexpr std::string_view kHexDigits = "0-9A-Fa-f";
constexpr std::string_view kLetterLikeSymbols =
    R"(\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}\x{1F150}-\x{1F169}\x{1F170}-\x{1F189})";

// A set of characters: the inside of a plain class, and whole expressions that match one character each.
struct Set {
  std::string body;
  std::vector<std::string> more;
  bool negated = false;

  std::string expression() const {
    const std::string plain = body.empty() ? "" : (negated && more.empty() ? "[^" : "[") + body + "]";
    if (more.empty() && !plain.empty()) return plain;
    std::string any = plain;
    for (const std::string& part : more) any += (any.empty() ? "" : "|") + part;
    if (any.empty()) any = "(?!)";
    return negated ? "(?:(?!" + any + ")(?s:.))" : "(?:" + any + ")";
  }
  void add(const Set& other) {
    if (!other.negated && other.more.empty()) {
      body += other.body;
    } else {
      more.push_back(other.expression());
    }
  }
};

std::string category_body(std::string_view name) {
  return fmt::format("\\p{{{}}}", name) + unicode::additions(name);
}

Set word_set() {
  return {category_body("L") + category_body("M") + category_body("Nd") + category_body("Nl") +
              category_body("Pc") + std::string(kLetterLikeSymbols),
          {}};
}

// Outside classes Oniguruma takes superscripts and fractions of Latin-1 for word characters too, inside not.
Set lone_word_set() {
  Set set = word_set();
  set.body += R"(\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE})";
  return set;
}

// Scripts whose later characters matter to text.
std::string script_additions(std::string_view name) {
  static const std::map<std::string_view, std::string_view> kAdditions = {
      {"han", R"(\x{2B739}\x{2EBF0}-\x{2EE5D}\x{31350}-\x{323AF})"},
      {"hiragana", R"(\x{1B132})"},
      {"katakana", R"(\x{1B155})"},
      {"latin", R"(\x{A7CB}-\x{A7CD}\x{A7DA}-\x{A7DC}\x{1DF25}-\x{1DF2A})"},
      {"cyrillic", R"(\x{1C89}\x{1C8A}\x{1E030}-\x{1E06D}\x{1E08F})"},
      {"arabic", R"(\x{897}\x{10EC2}-\x{10EC4}\x{10EFC}-\x{10EFF})"},
  };
  const auto found = kAdditions.find(name);
  return found == kAdditions.end() ? "" : std::string(found->second);
}

// The set behind \p{NAME}, and behind [:NAME:] where `bracket`.
Set property(std::string_view name, bool bracket) {
  static const std::map<std::string_view, std::string_view> kLongNames = {
      {"letter", "L"},
      {"uppercaseletter", "Lu"},
      {"lowercaseletter", "Ll"},
      {"titlecaseletter", "Lt"},
      {"modifierletter", "Lm"},
      {"otherletter", "Lo"},
      {"mark", "M"},
      {"nonspacingmark", "Mn"},
      {"spacingmark", "Mc"},
      {"enclosingmark", "Me"},
      {"number", "N"},
      {"decimalnumber", "Nd"},
      {"letternumber", "Nl"},
      {"othernumber", "No"},
      {"punctuation", "P"},
      {"connectorpunctuation", "Pc"},
      {"dashpunctuation", "Pd"},
      {"openpunctuation", "Ps"},
      {"closepunctuation", "Pe"},
      {"initialpunctuation", "Pi"},
      {"finalpunctuation", "Pf"},
      {"otherpunctuation", "Po"},
      {"symbol", "S"},
      {"mathsymbol", "Sm"},
      {"currencysymbol", "Sc"},
      {"modifiersymbol", "Sk"},
      {"othersymbol", "So"},
      {"separator", "Z"},
      {"spaceseparator", "Zs"},
      {"lineseparator", "Zl"},
      {"paragraphseparator", "Zp"},
      {"control", "Cc"},
      {"format", "Cf"},
      {"privateuse", "Co"},
      {"other", "C"},
      {"unassigned", "Cn"},
      {"digit", "Nd"},
      {"cntrl", "Cc"},
  };
  Set set;
  std::string key;
  for (const char c : name) {
    if (c != ' ' && c != '_' && c != '-')
      key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (key.starts_with('^')) set.negated = true, key.erase(0, 1);
  std::string category;
  if (const auto found = kLongNames.find(key); found != kLongNames.end()) category = found->second;
  if (key.size() <= 2 && !key.empty() && std::string_view("lmnpszc").find(key[0]) != std::string_view::npos) {
    category = key;
    category[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(key[0])));
  }
  if (key == "punct" && !bracket) category = "P";

  if (category == "C" || category == "Cn") {  // whatever no other category holds
    for (const auto* other : {"L", "M", "N", "P", "S", "Z"}) set.body += category_body(other);
    if (category == "Cn") set.body += R"(\p{Cc}\p{Cf}\p{Co}\p{Cs})" + unicode::additions("Cf");
    set.negated = !set.negated;
  } else if (!category.empty()) {
    set.body = category_body(category);
  } else if (key == "punct") {
    set.body = category_body("P") + category_body("S");
  } else if (key == "space" || key == "whitespace") {
    set.body = kSpaces;
  } else if (key == "word") {
    set.body = word_set().body;
  } else if (key == "xdigit") {
    set.body = kHexDigits;
  } else if (key == "alpha" || key == "alphabetic") {
    set.body = R"(\p{Alphabetic})" + unicode::additions("L");
  } else if (key == "alnum") {
    set.body = R"(\p{Alphabetic})" + unicode::additions("L") + category_body("Nd");
  } else if (key == "upper" || key == "uppercase") {
    set.body = R"(\p{Uppercase})" + unicode::additions("Lu");
  } else if (key == "lower" || key == "lowercase") {
    set.body = R"(\p{Lowercase})" + unicode::additions("Ll");
  } else if (key == "blank") {
    set.body = R"(\p{Zs}\x{9})";
  } else if (key == "ascii") {
    set.body = R"(\x{0}-\x{7F})";
  } else if (key == "any") {
    set.body = R"(\x{0}-\x{10FFFF})";
  } else if (key.starts_with("emoji") || key.starts_with("extended") || key == "ideographic") {
    set.body = fmt::format("\\p{{{}}}", key);
  } else {
    set.body = fmt::format("\\p{{sc:{}}}", key) + script_additions(key);
  }
  return set;
}

class Translator {
 public:
  explicit Translator(std::string_view pattern) : in_(pattern) {}

  std::string run() {
    while (at_ < in_.size()) step();
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse(std::string_view what) const {
    fail(ErrorKind::model, "the regular expression '{}' has {}, which is not supported", in_, what);
  }
  bool has(std::string_view text) const { return in_.substr(at_).starts_with(text); }
  char peek() const { return at_ < in_.size() ? in_[at_] : '\0'; }

  void begin_atom() { atom_ = out_.size(); }

  void step() {
    const char c = in_[at_];
    if (c == '\\') {
      begin_atom();
      escape();
    } else if (c == '[') {
      begin_atom();
      out_ += char_class(0).expression();
    } else if (c == '(') {
      group();
    } else if (c == ')') {
      if (!groups_.empty()) atom_ = groups_.back(), groups_.pop_back();
      out_ += c, ++at_;
    } else if (c == '{') {
      interval();
    } else if (std::string_view("*+?|").find(c) != std::string_view::npos) {
      out_ += c, ++at_;
    } else {
      begin_atom();
      const size_t size = utf8::decode_at(in_, at_).size;
      out_ += in_.substr(at_, size), at_ += size;
    }
  }

  // (?m) is Oniguruma's name for what others call (?s).
  void group() {
    groups_.push_back(out_.size());
    out_ += '(', ++at_;
    if (!has("?")) return;
    size_t end = at_ + 1;
    while (end < in_.size() && (std::isalpha(static_cast<unsigned char>(in_[end])) || in_[end] == '-')) ++end;
    if (end == at_ + 1 || end >= in_.size() || (in_[end] != ':' && in_[end] != ')')) return;
    for (; at_ < end; ++at_) out_ += in_[at_] == 'm' ? 's' : in_[at_];
  }

  // {n,m}+ repeats the repetition; PCRE2 would take it as possessive. {,m} is {0,m}.
  void interval() {
    const size_t end = in_.find('}', at_);
    const std::string_view inside = end == std::string_view::npos ? "" : in_.substr(at_ + 1, end - at_ - 1);
    const bool counts = !inside.empty() && inside != "," &&
                        inside.find_first_not_of("0123456789,") == inside.npos &&
                        std::count(inside.begin(), inside.end(), ',') <= 1;
    if (!counts) {
      begin_atom();
      out_ += "\\{", ++at_;
      return;
    }
    out_ += fmt::format("{{{}{}}}", inside.starts_with(',') ? "0" : "", inside);
    at_ = end + 1;
    if (peek() != '+') return;
    out_.insert(atom_, "(?:");
    out_ += ")";
  }

  // The set of a class escape (\s, \P{L}, …) at at_, if one stands there.
  bool escaped_set(Set& set) {
    const char c = at_ + 1 < in_.size() ? in_[at_ + 1] : '\0';
    switch (c) {
      case 's':
      case 'S':
        set.body = kSpaces;
        break;
      case 'd':
      case 'D':
        set.body = category_body("Nd");
        break;
      case 'h':
      case 'H':
        set.body = kHexDigits;
        break;
      case 'w':
      case 'W':
        set = word_set();
        break;
      case 'p':
      case 'P': {
        const size_t end = in_.find('}', at_);
        if (at_ + 2 >= in_.size() || in_[at_ + 2] != '{' || end == std::string_view::npos)
          refuse("\\p without {name}");
        set = property(in_.substr(at_ + 3, end - at_ - 3), false);
        if (c == 'P') set.negated = !set.negated;
        at_ = end + 1;
        return true;
      }
      default:
        return false;
    }
    set.negated = c < 'a';
    at_ += 2;
    return true;
  }

  void escape() {
    Set set;
    if (escaped_set(set)) {
      if (set.body == word_set().body) set.body = lone_word_set().body;
      out_ += set.expression();
      return;
    }
    if (at_ + 1 >= in_.size()) refuse("a backslash at its end");
    const char c = in_[at_ + 1];
    if (c == 'b' || c == 'B') {
      const std::string w = lone_word_set().expression();
      out_ += c == 'b' ? fmt::format("(?:(?<={0})(?!{0})|(?<!{0})(?={0}))", w)
                       : fmt::format("(?:(?<={0})(?={0})|(?<!{0})(?!{0}))", w);
      at_ += 2;
    } else if (std::string_view("uxtnrfave").find(c) != std::string_view::npos) {
      out_ += fmt::format("\\x{{{:X}}}", static_cast<uint32_t>(character()));
    } else if (std::string_view("yYONM").find(c) != std::string_view::npos) {
      refuse(fmt::format("\\{}", c));
    } else {
      const size_t size = utf8::decode_at(in_, at_ + 1).size;
      out_ += in_.substr(at_, 1 + size), at_ += 1 + size;
    }
  }

  // One character of a class, or an escape that means one.
  char32_t character() {
    if (in_[at_] != '\\' || at_ + 1 >= in_.size()) {
      const auto [code, size] = utf8::decode_at(in_, at_);
      at_ += size;
      return code;
    }
    const char c = in_[at_ + 1];
    static const std::map<char, char32_t> kControls = {{'t', 9},  {'n', 10}, {'v', 11}, {'f', 12},
                                                       {'r', 13}, {'a', 7},  {'e', 27}, {'b', 8}};
    if (const auto found = kControls.find(c); found != kControls.end()) {
      at_ += 2;
      return found->second;
    }
    if (c == 'x' || c == 'u') {
      at_ += 2;
      const bool braces = c == 'x' && peek() == '{';
      if (braces) ++at_;
      const size_t most = braces ? 8 : c == 'u' ? 4 : 2;
      uint32_t code = 0;
      size_t digits = 0;
      for (; digits < most && std::isxdigit(static_cast<unsigned char>(peek())); ++digits, ++at_)
        code = code * 16 + static_cast<uint32_t>(std::stoi(std::string(1, peek()), nullptr, 16));
      if (braces && peek() != '}') refuse("\\x{ without }");
      if (braces) ++at_;
      if (digits == 0 || code > 0x10FFFF) refuse("a \\x or \\u that is no character");
      return code;
    }
    ++at_;
    const auto [code, size] = utf8::decode_at(in_, at_);
    at_ += size;
    return code;
  }

  // From '[' to its ']', with what Oniguruma allows inside: nested classes, [:names:], &&.
  Set char_class(int depth) {
    if (depth > limits::kDepth) refuse("classes nested too deep");
    ++at_;
    const bool negated = has("^");
    if (negated) ++at_;
    std::vector<Set> parts(1);
    for (bool first = true; first || peek() != ']'; first = false) {
      if (at_ >= in_.size()) refuse("a [ without ]");
      Set& set = parts.back();
      Set inner;
      if (has("&&")) {
        parts.emplace_back();
        at_ += 2;
      } else if (const size_t end = in_.find(":]", at_); has("[:") && end != std::string_view::npos) {
        set.add(property(in_.substr(at_ + 2, end - at_ - 2), true));
        at_ = end + 2;
      } else if (has("[")) {
        set.add(char_class(depth + 1));
      } else if (in_[at_] == '\\' && escaped_set(inner)) {
        set.add(inner);
      } else {
        range(set);
      }
    }
    ++at_;
    Set whole = parts.size() == 1 ? parts[0] : Set{};
    if (parts.size() > 1) {
      std::string both;
      for (size_t i = 0; i + 1 < parts.size(); ++i) both += "(?=" + parts[i].expression() + ")";
      whole.more.push_back("(?:" + both + parts.back().expression() + ")");
    }
    whole.negated = negated;
    return whole;
  }

  void range(Set& set) {
    const char32_t low = character();
    set.body += fmt::format("\\x{{{:X}}}", static_cast<uint32_t>(low));
    if (peek() != '-' || at_ + 1 >= in_.size() || in_[at_ + 1] == ']' || in_[at_ + 1] == '[') return;
    const size_t dash = at_++;
    Set ignored;
    if (in_[at_] == '\\' && escaped_set(ignored)) {  // [a-\s]: the dash is one
      at_ = dash;
      return;
    }
    set.body += fmt::format("-\\x{{{:X}}}", static_cast<uint32_t>(character()));
  }

  std::string_view in_;
  std::string out_;
  size_t at_ = 0, atom_ = 0;
  std::vector<size_t> groups_;  // where the open ones begin
};

}  // namespace

std::string to_pcre2(std::string_view oniguruma) {
  if (!utf8::is_valid(oniguruma)) fail(ErrorKind::model, "a regular expression is not UTF-8");
  return Translator(oniguruma).run();
}

}  // namespace millrace
