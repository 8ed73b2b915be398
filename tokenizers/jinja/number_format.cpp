#include "tokenizers/jinja/number_format.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "tokenizers/jinja/budget.h"
#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

std::string float_digits(double magnitude, char letter, int precision, bool alternate) {
  if (precision > kMostPrecision)
    fail(ErrorKind::input, "a precision of {} digits; at most {} are given", precision, kMostPrecision);
  if (!std::isfinite(magnitude)) {
    const bool upper = letter < 'a';
    return std::isnan(magnitude) ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf");
  }
  const std::string spec = fmt::format("{{:{}.{}{}}}", alternate ? "#" : "", precision, letter);
  return fmt::format(fmt::runtime(spec), magnitude);
}

uint64_t magnitude_of(int64_t number) {
  return number < 0 ? 0 - static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
}

std::string whole_digits(uint64_t magnitude, int base, bool upper) {
  if (base == 2) return fmt::format("{:b}", magnitude);
  if (base == 8) return fmt::format("{:o}", magnitude);
  if (base == 16) return upper ? fmt::format("{:X}", magnitude) : fmt::format("{:x}", magnitude);
  return fmt::format("{}", magnitude);
}

std::string grouped(std::string_view digits, char separator, size_t size) {
  // Groups of three are of decimal digits, before a point or an exponent; others are all digits.
  const size_t end = size == 3 ? digits.find_first_not_of("0123456789") : std::string_view::npos;
  const size_t whole = std::min(end, digits.size());
  std::string result;
  for (size_t i = 0; i < whole; ++i) {
    if (i > 0 && (whole - i) % size == 0) result += separator;
    result += digits[i];
  }
  return result.append(digits.substr(whole));
}

std::string padded(std::string_view text, size_t width, char32_t fill, char align) {
  if (width > static_cast<size_t>(kMostWidth))
    fail(ErrorKind::input, "a field of {} characters; at most {} are filled", width, kMostWidth);
  const size_t length = Text(std::string(text)).length;
  const size_t missing = width > length ? width - length : 0;
  const size_t left = align == '<' ? 0 : align == '>' ? missing : missing / 2;
  std::string result;
  for (size_t i = 0; i < left; ++i) utf8::append(result, fill);
  result += text;
  for (size_t i = left; i < missing; ++i) utf8::append(result, fill);
  return result;
}

}  // namespace millrace::jinja
