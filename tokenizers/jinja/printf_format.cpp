#include "tokenizers/jinja/printf_format.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "tokenizers/jinja/code_points.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/number_format.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

struct Field {
  bool left = false, zero = false, plus = false, space = false, alternate = false;
  int64_t width = 0, precision = -1;
  char letter = 0;
};

class Printf {
 public:
  Printf(const Value& format, const Value& values)
      : format_(format), text_(format.bytes()), values_(values) {}

  Value run() {
    while (at_ < text_.size()) {
      const size_t percent = std::min(text_.find('%', at_), text_.size());
      out_.append(text_, at_, percent - at_);
      at_ = percent;
      if (at_ < text_.size()) field();
      check_text_size(out_.size());
    }
    if (!named_) {
      const bool spare = values_.is_tuple() ? used_ < values_.items().size()
                                            : used_ == 0 && !values_.is_dict() && !values_.is_list() &&
                                                  !values_.is_object() && !values_.is_undefined();
      if (spare) fail(ErrorKind::input, "not all arguments converted during string formatting");
    }
    return format_.text().markup ? Value::markup(std::move(out_)) : Value(std::move(out_));
  }

 private:
  char peek() const {
    if (at_ == text_.size()) fail(ErrorKind::input, "incomplete format");
    return text_[at_];
  }

  const Value& next_value() {
    if (key_) return *key_;
    if (values_.is_tuple()) {
      if (used_ == values_.items().size()) fail(ErrorKind::input, "not enough arguments for format string");
      return values_.items()[used_++];
    }
    if (used_++ > 0) fail(ErrorKind::input, "not enough arguments for format string");
    return values_;
  }

  void field() {
    const size_t begin = at_++;
    Field field;
    key_ = nullptr;
    if (peek() == '(') take_key();
    for (;; ++at_) {
      const char flag = peek();
      if (flag == '-')
        field.left = true;
      else if (flag == '0')
        field.zero = true;
      else if (flag == '+')
        field.plus = true;
      else if (flag == ' ')
        field.space = true;
      else if (flag == '#')
        field.alternate = true;
      else
        break;
    }
    field.width = number(0);
    if (field.width < 0) field.left = true, field.width = -field.width;
    if (peek() == '.') {
      ++at_;
      field.precision = std::max<int64_t>(number(0), 0);
    }
    while (peek() == 'l' || peek() == 'h' || peek() == 'L') ++at_;
    field.letter = peek();
    ++at_;
    if (field.letter == '%') {
      out_ += '%';
      return;
    }
    convert(field, begin);
  }

  void take_key() {
    int depth = 1;
    const size_t begin = ++at_;
    for (; depth > 0; ++at_) {
      if (at_ == text_.size()) fail(ErrorKind::input, "incomplete format key");
      depth += text_[at_] == '(' ? 1 : text_[at_] == ')' ? -1 : 0;
    }
    const std::string key = text_.substr(begin, at_ - 1 - begin);
    if (!values_.is_dict()) fail(ErrorKind::input, "format requires a mapping");
    key_ = values_.dict().find_name(key);
    if (!key_) fail(ErrorKind::input, "the mapping of the format has no key {}", quoted(key));
    named_ = true;
  }

  int64_t number(int64_t absent) {
    if (peek() == '*') {
      ++at_;
      const auto whole = next_value().index();
      if (!whole) fail(ErrorKind::input, "* wants int");
      return std::clamp<int64_t>(*whole, -kMostWidth - 1, kMostWidth + 1);
    }
    int64_t value = absent;
    for (; peek() >= '0' && peek() <= '9'; ++at_)
      value = std::min<int64_t>(value * 10 + (peek() - '0'), kMostWidth + 1);
    return value;
  }

  void put(const Field& field, const std::string& sign, const std::string& prefix, std::string digits,
           bool numeric) {
    const auto width = static_cast<size_t>(field.width);
    if (numeric && field.zero && !field.left) {
      const size_t taken = sign.size() + prefix.size();
      digits = padded(digits, width > taken ? width - taken : 0, '0', '>');
    }
    out_ += padded(sign + prefix + digits, width, ' ', field.left ? '<' : '>');
  }

  void put_text(const Field& field, std::string text) {
    if (field.precision >= 0) text = std::string(slice(Text(text), 0, static_cast<size_t>(field.precision)));
    put(field, "", "", std::move(text), false);
  }

  std::string sign_for(const Field& field, bool negative) const {
    return negative ? "-" : field.plus ? "+" : field.space ? " " : "";
  }

  int64_t whole_of(const Value& value, char letter) const {
    if (value.is_undefined() && std::string_view("diu").find(letter) != std::string_view::npos)
      fail_undefined(value);
    if (const auto whole = value.index()) return *whole;
    const bool truncates = letter == 'd' || letter == 'i' || letter == 'u';
    if (!truncates || !value.is_float())
      fail(ErrorKind::input, "%{} format: {} is required, not {}", letter,
           truncates ? "a real number" : "an integer", type_name(value));
    const double number = std::trunc(*value.number());
    if (!(std::abs(number) < 0x1p63)) fail(ErrorKind::input, "a whole number grew beyond 64 bits");
    return static_cast<int64_t>(number);
  }

  void convert(const Field& field, size_t begin) {
    const char letter = field.letter;
    if (letter == 's' || letter == 'r' || letter == 'a') {
      const Value& value = next_value();
      std::string text = letter == 's' ? to_text(value) : to_repr(value);
      if (letter == 's' && format_.text().markup && !(value.is_text() && value.text().markup))
        text = escape_html(text);
      put_text(field, std::move(text));
    } else if (letter == 'c') {
      const Value& value = next_value();
      if (value.is_text() && value.text().length == 1) return put_text(field, value.bytes());
      const auto code = value.index();
      if (!code || *code < 0 || *code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000))
        fail(ErrorKind::input, "%c requires int or char");
      put_text(field, encode(std::u32string(1, static_cast<char32_t>(*code))));
    } else if (std::string_view("diuxXo").find(letter) != std::string_view::npos) {
      const int64_t whole = whole_of(next_value(), letter);
      const int base = letter == 'x' || letter == 'X' ? 16 : letter == 'o' ? 8 : 10;
      std::string digits = whole_digits(magnitude_of(whole), base, letter == 'X');
      if (field.precision > kMostPrecision) fail(ErrorKind::input, "the precision of a format is too large");
      if (field.precision > static_cast<int64_t>(digits.size()))
        digits = padded(digits, static_cast<size_t>(field.precision), '0', '>');
      const std::string prefix = !field.alternate || base == 10 ? "" : std::string("0") + letter;
      put(field, sign_for(field, whole < 0), prefix, std::move(digits), true);
    } else if (std::string_view("eEfFgG").find(letter) != std::string_view::npos) {
      const Value& value = next_value();
      if (value.is_undefined()) fail_undefined(value);
      const auto number = value.number();
      if (!number) fail(ErrorKind::input, "must be real number, not {}", type_name(value));
      const int precision = field.precision < 0 ? 6 : static_cast<int>(field.precision);
      put(field, sign_for(field, std::signbit(*number) && !std::isnan(*number)), "",
          float_digits(std::abs(*number), letter, precision, field.alternate), true);
    } else {
      fail(ErrorKind::input, "unsupported format character '{}' at index {}", letter,
           index_of_byte(format_.text(), begin) + 1);
    }
  }

  const Value& format_;
  const std::string& text_;
  const Value& values_;
  std::string out_;
  size_t at_ = 0, used_ = 0;
  const Value* key_ = nullptr;
  bool named_ = false;
};

}  // namespace

Value printf_format(const Value& format, const Value& values) { return Printf(format, values).run(); }

}  // namespace millrace::jinja
