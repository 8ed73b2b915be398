#include "tokenizers/jinja/number_text.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>

#include "tokenizers/jinja/budget.h"
#include "tokenizers/jinja/code_points.h"

namespace millrace::jinja {
namespace {

// Without white space around it and single underscores between digits; nothing where others stand.
std::optional<std::string> plain(std::string_view text) {
  text = strip(text);
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      result += text[i];
      continue;
    }
    const auto digit = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    if (i == 0 || i + 1 == text.size() || !digit(text[i - 1]) || !digit(text[i + 1])) return std::nullopt;
  }
  return result;
}

}  // namespace

std::optional<int64_t> parse_whole(std::string_view given, int64_t base) {
  if (base != 0 && (base < 2 || base > 36)) return std::nullopt;
  auto text = plain(given);
  if (!text || text->empty()) return std::nullopt;
  const bool negative = text->front() == '-';
  if (negative || text->front() == '+') text->erase(0, 1);
  int radix = static_cast<int>(base);
  if (text->size() > 2 && text->front() == '0') {
    const char mark = static_cast<char>((*text)[1] | 0x20);
    const int marked = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
    if (marked != 0 && (radix == marked || radix == 0)) {
      text->erase(0, 2);
      radix = marked;
    }
  }
  if (radix == 0) {
    radix = 10;
    if (text->size() > 1 && text->front() == '0' && text->find_first_not_of('0') != std::string::npos)
      return std::nullopt;
  }
  if (text->empty() || text->front() == '-' || text->front() == '+') return std::nullopt;
  if (negative) text->insert(0, "-");
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value, radix);
  if (end != text->data() + text->size()) return std::nullopt;
  if (error == std::errc::result_out_of_range)
    fail(ErrorKind::input, "the whole number {} is beyond 64 bits", given);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<double> parse_float(std::string_view given) {
  auto text = plain(given);
  if (!text || text->empty()) return std::nullopt;
  std::string lower = to_lower(*text);
  const size_t sign = lower.front() == '-' || lower.front() == '+' ? 1 : 0;
  const std::string word = lower.substr(sign);
  if (word != "inf" && word != "infinity" && word != "nan" &&
      word.find_first_not_of("0123456789.e+-") != std::string::npos)
    return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(lower.c_str(), &end);
  return *end == '\0' && end != lower.c_str() ? std::optional(value) : std::nullopt;
}

}  // namespace millrace::jinja
