#include "tokenizers/jinja/string_literal.h"

#include "base/utf8.h"

namespace millrace::jinja {
namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

class Unescaper {
 public:
  Unescaper(const Source& source, size_t begin, size_t end) : source_(source), at_(begin), end_(end) {}

  std::string run() {
    const std::string& text = source_.text;
    while (at_ < end_) {
      const size_t slash = std::min(text.find('\\', at_), end_);
      out_.append(text, at_, slash - at_);
      at_ = slash;
      if (at_ < end_) escape();
    }
    return std::move(out_);
  }

 private:
  void escape() {
    const size_t begin = at_++;
    const char c = source_.text[at_];  // the lexer saw to it that there is one
    constexpr std::string_view kShort = "\n\\'\"abfnrtv", kMeaning = "\0\\'\"\a\b\f\n\r\t\v";
    const size_t known = kShort.find(c);
    if (c == '\n') {  // a line that goes on
      ++at_;
    } else if (known != std::string_view::npos) {
      out_ += kMeaning[known];
      ++at_;
    } else if (c >= '0' && c <= '7') {
      number(begin, 8, 3, 1);
    } else if (c == 'x' || c == 'u' || c == 'U') {
      ++at_;
      const int digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
      number(begin, 16, digits, digits);
    } else if (c == 'N') {
      source_.refuse(begin, "characters by name, \\N{{…}}, are not supported");
    } else {
      out_ += '\\';
    }
  }

  void number(size_t begin, int base, int most, int least) {
    char32_t code = 0;
    int digits = 0;
    for (; digits < most && at_ < end_ && digit_value(source_.text[at_]) < base; ++digits, ++at_)
      code = code * static_cast<char32_t>(base) + static_cast<char32_t>(digit_value(source_.text[at_]));
    if (digits < least) source_.refuse(begin, "truncated \\{} escape", source_.text[begin + 1]);
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
      source_.refuse(begin, "the escape stands for no character");
    utf8::append(out_, code);
  }

  const Source& source_;
  size_t at_, end_;
  std::string out_;
};

}  // namespace

std::string unescape(const Source& source, size_t begin, size_t end) {
  return Unescaper(source, begin, end).run();
}

}  // namespace millrace::jinja
