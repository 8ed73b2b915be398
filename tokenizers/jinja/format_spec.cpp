#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "tokenizers/jinja/code_points.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/float_text.h"
#include "tokenizers/jinja/number_format.h"
#include "tokenizers/jinja/string_format.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

bool is_align(char32_t c) { return c == '<' || c == '>' || c == '=' || c == '^'; }

struct Spec {
  char32_t fill = ' ';
  char align = 0, sign = 0, grouping = 0, letter = 0;
  bool alternate = false, zero = false, no_negative_zero = false;
  int64_t width = -1, precision = -1;
};

class SpecReader {
 public:
  SpecReader(const Value& value, std::string_view text) : value_(value), codes_(decode(text)), text_(text) {}

  Spec run() {
    Spec spec;
    if (codes_.size() > 1 && is_align(codes_[1])) {
      spec.fill = codes_[0], spec.align = static_cast<char>(codes_[1]), at_ = 2;
    } else if (!codes_.empty() && is_align(codes_[0])) {
      spec.align = static_cast<char>(codes_[0]), at_ = 1;
    }
    if (at('+') || at('-') || at(' ')) spec.sign = static_cast<char>(codes_[at_++]);
    if (at('z')) spec.no_negative_zero = ++at_;
    if (at('#')) spec.alternate = ++at_;
    if (at('0')) {
      spec.zero = ++at_;
      if (!spec.align) spec.fill = '0', spec.align = value_.is_text() ? '<' : '=';
    }
    spec.width = number();
    if (at(',') || at('_')) spec.grouping = static_cast<char>(codes_[at_++]);
    if (at('.')) {
      ++at_;
      spec.precision = number();
      if (spec.precision < 0) fail(ErrorKind::input, "Format specifier missing precision");
    }
    if (at_ + 1 < codes_.size() || (at_ < codes_.size() && codes_[at_] > 0x7F)) refuse();
    if (at_ < codes_.size()) spec.letter = static_cast<char>(codes_[at_]);
    return spec;
  }

  [[noreturn]] void refuse() const {
    fail(ErrorKind::input, "Invalid format specifier '{}' for object of type '{}'", text_, type_name(value_));
  }

 private:
  bool at(char32_t c) const { return at_ < codes_.size() && codes_[at_] == c; }
  int64_t number() {
    if (at_ == codes_.size() || codes_[at_] < '0' || codes_[at_] > '9') return -1;
    int64_t value = 0;
    for (; at_ < codes_.size() && codes_[at_] >= '0' && codes_[at_] <= '9'; ++at_)
      value = std::min<int64_t>(value * 10 + static_cast<int64_t>(codes_[at_] - '0'), kMostWidth + 1);
    return value;
  }

  const Value& value_;
  std::u32string codes_;
  std::string_view text_;
  size_t at_ = 0;
};

[[noreturn]] void fail_letter(char letter, const Value& value) {
  fail(ErrorKind::input, "Unknown format code '{}' for object of type '{}'", letter, type_name(value));
}

// Sign, prefix and digits, filled up to the width: with zeros between the groups too, where they are grouped.
std::string assembled(const Spec& spec, bool negative, const std::string& prefix, std::string digits,
                      size_t group) {
  const std::string sign = negative                               ? "-"
                           : spec.sign == '+' || spec.sign == ' ' ? std::string(1, spec.sign)
                                                                  : "";
  const size_t width = spec.width < 0 ? 0 : static_cast<size_t>(spec.width),
               taken = sign.size() + prefix.size();
  const char align = spec.align ? spec.align : '>';
  if (width > static_cast<size_t>(kMostWidth)) padded("", width, ' ', '>');  // refuses it
  if (spec.grouping) {
    const std::string plain = digits;
    digits = grouped(plain, spec.grouping, group);
    if (align == '=' && spec.fill == '0')
      for (size_t zeros = 1; digits.size() + taken < width; ++zeros)
        digits = grouped(std::string(zeros, '0') + plain, spec.grouping, group);
  }
  if (align == '=') return sign + prefix + padded(digits, width > taken ? width - taken : 0, spec.fill, '>');
  return padded(sign + prefix + digits, width, spec.fill, align);
}

std::string format_text(const Spec& spec, const Value& value) {
  if (spec.letter && spec.letter != 's') fail_letter(spec.letter, value);
  if (spec.sign) fail(ErrorKind::input, "Sign not allowed in string format specifier");
  if (spec.alternate) fail(ErrorKind::input, "Alternate form (#) not allowed in string format specifier");
  if (spec.grouping) fail(ErrorKind::input, "Cannot specify '{}' with 's'.", spec.grouping);
  if (spec.align == '=') fail(ErrorKind::input, "'=' alignment not allowed in string format specifier");
  std::string text = to_text(value);
  if (spec.precision >= 0) text = std::string(slice(Text(text), 0, static_cast<size_t>(spec.precision)));
  return padded(text, spec.width < 0 ? 0 : static_cast<size_t>(spec.width), spec.fill,
                spec.align ? spec.align : '<');
}

std::string format_float(const Spec& spec, double number, const Value& value) {
  char letter = spec.letter == 'n' ? 'g' : spec.letter;
  if (letter && std::string_view("eEfFgG%").find(letter) == std::string_view::npos)
    fail_letter(letter, value);
  const double magnitude = std::abs(number);
  std::string digits;
  if (letter == '%') {
    digits = float_digits(magnitude * 100, 'f', spec.precision < 0 ? 6 : static_cast<int>(spec.precision),
                          spec.alternate) +
             "%";
  } else if (letter) {
    digits = float_digits(magnitude, letter, spec.precision < 0 ? 6 : static_cast<int>(spec.precision),
                          spec.alternate);
  } else if (spec.precision < 0) {
    digits = float_text(magnitude);
  } else {
    // Like 'g', but there is always a digit behind the point, and the exponent comes one digit sooner.
    const int precision = std::max(1, static_cast<int>(spec.precision));
    digits = float_digits(magnitude, 'g', precision, false);
    const std::string scientific = float_digits(magnitude, 'e', precision - 1, false);
    const size_t e = scientific.find('e');
    if (e != std::string::npos && std::atoi(scientific.c_str() + e + 1) >= precision - 1 &&
        digits.find('e') == std::string::npos) {
      std::string mantissa = scientific.substr(0, e);
      if (mantissa.find('.') != std::string::npos) {
        while (mantissa.back() == '0') mantissa.pop_back();
        if (mantissa.back() == '.') mantissa.pop_back();
      }
      digits = mantissa + scientific.substr(e);
    } else if (std::isfinite(magnitude) && digits.find_first_of(".e") == std::string::npos) {
      digits += ".0";
    }
  }
  const bool zero = digits.find_first_of("123456789infa") == std::string::npos;
  const bool negative = std::signbit(number) && !std::isnan(number) && !(spec.no_negative_zero && zero);
  return assembled(spec, negative, "", std::move(digits), 3);
}

std::string format_whole(const Spec& spec, int64_t number, const Value& value) {
  const char letter = spec.letter ? spec.letter : 'd';
  if (std::string_view("eEfFgG%").find(letter) != std::string_view::npos)
    return format_float(spec, static_cast<double>(number), value);
  if (std::string_view("bcdnoxX").find(letter) == std::string_view::npos) fail_letter(letter, value);
  if (spec.precision >= 0) fail(ErrorKind::input, "Precision not allowed in integer format specifier");
  if (letter == 'c') {
    if (spec.sign) fail(ErrorKind::input, "Sign not allowed with integer format specifier 'c'");
    if (number < 0 || number > 0x10FFFF || (number >= 0xD800 && number < 0xE000))
      fail(ErrorKind::input, "%c arg not in range(0x110000)");
    return assembled(spec, false, "", encode(std::u32string(1, static_cast<char32_t>(number))), 3);
  }
  const int base = letter == 'b' ? 2 : letter == 'o' ? 8 : letter == 'x' || letter == 'X' ? 16 : 10;
  if (spec.grouping == ',' && base != 10) fail(ErrorKind::input, "Cannot specify ',' with '{}'.", letter);
  const std::string prefix = spec.alternate && base != 10 ? std::string("0") + letter : "";
  return assembled(spec, number < 0, prefix, whole_digits(magnitude_of(number), base, letter == 'X'),
                   base == 10 ? 3 : 4);
}

}  // namespace

std::string format_value(const Value& value, std::string_view text) {
  if (text.empty()) return to_text(value);
  if (!value.is_text() && !value.is_number())
    fail(ErrorKind::input, "unsupported format string passed to {}.__format__", type_name(value));
  const Spec spec = SpecReader(value, text).run();
  if (value.is_text()) return format_text(spec, value);
  if (const auto whole = value.index()) return format_whole(spec, *whole, value);
  return format_float(spec, *value.number(), value);
}

}  // namespace millrace::jinja
