#include "tokenizers/jinja/lexer.h"

#include <algorithm>

#include "base/utf8.h"
#include "tokenizers/jinja/code_points.h"
#include "tokenizers/jinja/string_literal.h"

namespace millrace::jinja {
namespace {

using Kind = Token::Kind;

bool is_decimal_digit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
 public:
  explicit Lexer(const Source& source) : source_(source), text_(source.text) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) text_until_tag();
    add(Kind::end, "", text_.size());
    return std::move(tokens_);
  }

 private:
  void add(Kind kind, std::string text, size_t at) { tokens_.push_back({kind, std::move(text), at}); }

  void add_data(std::string_view data, size_t at) {
    if (!data.empty()) add(Kind::data, std::string(data), at);
  }

  // The next "{%", "{{" or "{#".
  size_t next_tag(size_t from) const {
    for (size_t at = from; (at = text_.find('{', at)) != std::string_view::npos; ++at) {
      const char next = at + 1 < text_.size() ? text_[at + 1] : '\0';
      if (next == '%' || next == '{' || next == '#') return at;
    }
    return std::string_view::npos;
  }

  size_t skip_space(size_t at) const {
    while (at < text_.size()) {
      const auto [code, size] = utf8::decode_at(text_, at);
      if (!is_space(code)) break;
      at += size;
    }
    return at;
  }

  char at_or_zero(size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

  // What stays of the text before a tag. `sign` is the tag's "-" or "+"; blocks and comments that stand first
  // on their line lose the white space before them.
  std::string_view before_tag(std::string_view data, char sign, bool variable, size_t begin) const {
    if (sign == '-') return strip(data, Ends::right);
    if (sign == '+' || variable) return data;
    const size_t newline = data.rfind('\n');
    const bool starts_line = newline != std::string_view::npos || begin == 0 || text_[begin - 1] == '\n';
    const size_t line = newline + 1;  // npos + 1 is 0
    return starts_line && strip(data.substr(line)).empty() ? data.substr(0, line) : data;
  }

  void text_until_tag() {
    const size_t begin = at_, tag = next_tag(begin);
    if (tag == std::string_view::npos) {
      add_data(text_.substr(begin), begin);
      at_ = text_.size();
      return;
    }
    const char what = text_[tag + 1];
    const char sign = at_or_zero(tag + 2);
    const bool signed_tag = sign == '-' || sign == '+';
    add_data(before_tag(text_.substr(begin, tag - begin), sign, what == '{', begin), begin);
    at_ = tag + (signed_tag ? 3 : 2);
    if (what == '#') {
      comment(tag);
    } else if (what == '%' && raw_begins()) {
      raw(tag);
    } else {
      add(what == '%' ? Kind::block_begin : Kind::variable_begin, "", tag);
      words(what == '%' ? '%' : '}');
    }
  }

  // After "%}" or "#}": the first newline goes, or with "-" all white space; with "+" nothing does.
  void after_close(size_t close, char sign) {
    at_ = close + 2;
    if (sign == '-') {
      at_ = skip_space(at_);
    } else if (sign != '+' && at_or_zero(at_) == '\n') {
      ++at_;
    }
  }

  void comment(size_t tag) {
    const size_t close = text_.find("#}", at_);
    if (close == std::string_view::npos) source_.refuse(tag, "Missing end of comment tag");
    const char sign =
        close > at_ && (text_[close - 1] == '-' || text_[close - 1] == '+') ? text_[close - 1] : '\0';
    after_close(close, sign);
  }

  // At `raw %}` or `raw -%}` after "{%": goes behind it.
  bool raw_begins() {
    size_t at = skip_space(at_);
    if (text_.substr(at, 3) != "raw") return false;
    at = skip_space(at + 3);
    const bool minus = at_or_zero(at) == '-';
    if (minus) ++at;
    if (text_.substr(at, 2) != "%}") return false;
    at_ = minus ? skip_space(at + 2) : at + 2;
    return true;
  }

  void raw(size_t tag) {
    const size_t begin = at_;
    for (size_t open = begin; (open = text_.find("{%", open)) != std::string_view::npos; ++open) {
      size_t at = open + 2;
      const char sign = at_or_zero(at);
      if (sign == '-' || sign == '+') ++at;
      at = skip_space(at);
      if (text_.substr(at, 6) != "endraw") continue;
      at = skip_space(at + 6);
      const char end_sign = at_or_zero(at) == '-' || at_or_zero(at) == '+' ? text_[at] : '\0';
      if (end_sign) ++at;
      if (text_.substr(at, 2) != "%}") continue;
      add_data(before_tag(text_.substr(begin, open - begin), sign, false, begin), begin);
      after_close(at, end_sign);
      return;
    }
    source_.refuse(tag, "Missing end of raw directive");
  }

  // The words up to "%}" or "}}", whose first character is `close`.
  void words(char close) {
    std::vector<char> open;  // brackets
    while (true) {
      at_ = skip_space(at_);
      if (at_ == text_.size()) return;  // the parser misses the end
      if (open.empty() && closes(close)) return;
      word(open);
    }
  }

  bool closes(char close) {
    const char sign = text_[at_];
    const bool minus = sign == '-', plus = sign == '+' && close == '%';
    const size_t at = at_ + (minus || plus ? 1 : 0);
    if (at_or_zero(at) != close || at_or_zero(at + 1) != '}') return false;
    add(close == '%' ? Kind::block_end : Kind::variable_end, "", at_);
    if (close == '%') {
      after_close(at, minus ? '-' : plus ? '+' : '\0');
    } else {
      at_ = minus ? skip_space(at + 2) : at + 2;
    }
    return true;
  }

  void word(std::vector<char>& open) {
    const size_t begin = at_;
    const auto [code, size] = utf8::decode_at(text_, at_);
    const bool after_point = at_ > 0 && text_[at_ - 1] == '.';
    if (is_decimal_digit(text_[at_])) {
      number(after_point);
    } else if (code == '_' || is_alphabetic(code) || is_numeric(code)) {
      while (at_ < text_.size() && continues_name(at_)) at_ += utf8::decode_at(text_, at_).size;
      const std::string name(text_.substr(begin, at_ - begin));
      if (!is_identifier(name)) source_.refuse(begin, "Invalid character in identifier");
      add(Kind::name, name, begin);
    } else if (code == '"' || code == '\'') {
      string(static_cast<char>(code));
    } else {
      bracket_or_operator(open);
    }
    (void)size;
  }

  bool continues_name(size_t at) const {
    const char32_t code = utf8::decode_at(text_, at).code;
    return code == '_' || (code < 0x80 ? is_alphabetic(code) || is_decimal(code)
                                       : is_identifier("a" + encode(std::u32string(1, code))));
  }

  void string(char quote) {
    const size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != quote) at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) {
      at_ = begin;
      source_.refuse(begin, "unexpected char {}: the string has no end", quote == '"' ? "'\"'" : "\"'\"");
    }
    add(Kind::string, unescape(source_, begin + 1, at_), begin);
    ++at_;
  }

  // Digits, which single underscores may part; from `at`, the end of them.
  template <class IsDigit>
  size_t digits(size_t at, const IsDigit& is_digit) const {
    while (is_digit(at_or_zero(at)) || (at_or_zero(at) == '_' && is_digit(at_or_zero(at + 1)))) ++at;
    return at;
  }

  static std::string without_underscores(std::string_view text) {
    std::string digits(text);
    std::erase(digits, '_');
    return digits;
  }

  void number(bool after_point) {
    const size_t begin = at_;
    if (!after_point) {
      size_t end = digits(begin, is_decimal_digit);
      bool decimal = false;
      if (at_or_zero(end) == '.' && is_decimal_digit(at_or_zero(end + 1))) {
        end = digits(end + 1, is_decimal_digit);
        decimal = true;
      }
      if (at_or_zero(end) == 'e' || at_or_zero(end) == 'E') {
        const size_t sign = at_or_zero(end + 1) == '+' || at_or_zero(end + 1) == '-' ? 1 : 0;
        if (is_decimal_digit(at_or_zero(end + 1 + sign))) {
          end = digits(end + 1 + sign, is_decimal_digit);
          decimal = true;
        }
      }
      if (decimal) {
        at_ = end;
        add(Kind::decimal, without_underscores(text_.substr(begin, end - begin)), begin);
        return;
      }
    }
    integer(begin);
  }

  void integer(size_t begin) {
    size_t end = begin + 1;
    const char mark = static_cast<char>(at_or_zero(begin + 1) | 0x20);
    const auto digit_of = [mark](char c) {
      const char low = static_cast<char>(c | 0x20);
      if (mark == 'x') return is_decimal_digit(c) || (low >= 'a' && low <= 'f');
      return c >= '0' && c < (mark == 'b' ? '2' : '8');
    };
    const size_t first = begin + 2 + (at_or_zero(begin + 2) == '_' ? 1 : 0);
    if (text_[begin] == '0' && (mark == 'x' || mark == 'o' || mark == 'b') && digit_of(at_or_zero(first))) {
      end = digits(first, digit_of);
    } else if (text_[begin] == '0') {
      end = digits(end, [](char c) { return c == '0'; });
    } else {
      end = digits(end, is_decimal_digit);
    }
    at_ = end;
    add(Kind::integer, without_underscores(text_.substr(begin, end - begin)), begin);
  }

  void bracket_or_operator(std::vector<char>& open) {
    constexpr std::string_view kLong[] = {"//", "**", "==", "!=", ">=", "<="};
    constexpr std::string_view kShort = "+-/*%~[](){}><=.:|,;";
    const std::string_view two = text_.substr(at_, 2);
    if (std::find(std::begin(kLong), std::end(kLong), two) != std::end(kLong)) {
      add(Kind::op, std::string(two), at_);
      at_ += 2;
      return;
    }
    const char c = text_[at_];
    if (kShort.find(c) == std::string_view::npos) {
      const std::string_view character = text_.substr(at_, utf8::decode_at(text_, at_).size);
      source_.refuse(at_, "unexpected char '{}'", character);
    }
    if (c == '(' || c == '[' || c == '{') open.push_back(c == '(' ? ')' : c == '[' ? ']' : '}');
    if (c == ')' || c == ']' || c == '}') {
      if (open.empty()) source_.refuse(at_, "unexpected '{}'", c);
      if (open.back() != c) source_.refuse(at_, "unexpected '{}', expected '{}'", c, open.back());
      open.pop_back();
    }
    add(Kind::op, std::string(1, c), at_++);
  }

  const Source& source_;
  std::string_view text_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(const Source& source) { return Lexer(source).run(); }

}  // namespace millrace::jinja
