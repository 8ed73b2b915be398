#include "tokenizers/unicode.h"

#include <fmt/core.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "base/error.h"
#include "base/utf8.h"

namespace millrace::unicode {
namespace {

struct Addition {
  char32_t first, last;
  std::string_view category;
};
constexpr Addition kAdditions[] = {
#include "tokenizers/unicode_additions.inc"
};

// Alphabetic symbols (Other_Alphabetic of category So): circled and squared letters.
bool is_letter_like_symbol(char32_t c) {
  return (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) || (c >= 0x1F150 && c <= 0x1F169) ||
         (c >= 0x1F170 && c <= 0x1F189);
}

}  // namespace

std::string_view category(char32_t code) {
  const auto* addition = std::upper_bound(std::begin(kAdditions), std::end(kAdditions), code,
                                          [](char32_t c, const Addition& a) { return c < a.first; });
  if (addition != std::begin(kAdditions) && code <= std::prev(addition)->last)
    return std::prev(addition)->category;
  return utf8proc_category_string(static_cast<utf8proc_int32_t>(code));
}

bool is_white_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_numeric(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  return category(c)[0] == 'N';
}

bool is_punctuation(char32_t c) {
  if (c < 0x80)
    return (c > 32 && c < '0') || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') || (c > 'z' && c < 127);
  return category(c)[0] == 'P';
}

bool is_word(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  const std::string_view kind = category(c);
  return kind[0] == 'L' || kind[0] == 'M' || kind == "Nd" || kind == "Nl" || kind == "Pc" || c == 0x200C ||
         c == 0x200D || is_letter_like_symbol(c);
}

bool is_mark(char32_t c) { return c >= 0x300 && category(c)[0] == 'M'; }
bool is_nonspacing_mark(char32_t c) { return c >= 0x300 && category(c) == "Mn"; }

bool is_control(char32_t c) {
  const std::string_view kind = category(c);
  return kind == "Cc" || kind == "Cf" || kind == "Co";
}

void append_lowercase(std::string& text, char32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  } else if (c == 0x130) {  // the one character whose lower case is two: i and a dot above
    text += "i\xCC\x87";
  } else {
    utf8::append(text, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
  }
}

void normalize(std::string& text, Form form) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return;
  int options = UTF8PROC_STABLE;
  options |= form == Form::nfc || form == Form::nfkc ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
  if (form == Form::nfkc || form == Form::nfkd) options |= UTF8PROC_COMPAT;
  utf8proc_uint8_t* made = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &made,
                                 static_cast<utf8proc_option_t>(options));
  if (size < 0) fail(ErrorKind::input, "the text cannot be normalized: {}", utf8proc_errmsg(size));
  text.assign(reinterpret_cast<const char*>(made), static_cast<size_t>(size));
  std::free(made);
}

std::string additions(std::string_view prefix) {
  std::string body;
  for (const auto& [first, last, kind] : kAdditions) {
    if (!kind.starts_with(prefix)) continue;
    body += fmt::format("\\x{{{:X}}}", static_cast<uint32_t>(first));
    if (last != first) body += fmt::format("-\\x{{{:X}}}", static_cast<uint32_t>(last));
  }
  return body;
}

}  // namespace millrace::unicode
