#include "tokenizers/jinja/code_points.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "base/utf8.h"
#include "tokenizers/unicode.h"

namespace millrace::jinja {
namespace {

struct Range {
  char32_t first, last;
};
struct Expansion {  // a character whose mapping is more than one
  char32_t code;
  std::u32string_view mapped;
};
#include "tokenizers/jinja/character_tables.inc"

template <size_t size>
bool within(char32_t code, const Range (&ranges)[size]) {
  const Range* after = std::upper_bound(std::begin(ranges), std::end(ranges), code,
                                        [](char32_t c, const Range& range) { return c < range.first; });
  return after != std::begin(ranges) && code <= std::prev(after)->last;
}

template <size_t size>
const Expansion* expansion(char32_t code, const Expansion (&table)[size]) {
  const Expansion* found = std::lower_bound(std::begin(table), std::end(table), code,
                                            [](const Expansion& e, char32_t c) { return e.code < c; });
  return found != std::end(table) && found->code == code ? found : nullptr;
}

std::string_view category(char32_t code) { return unicode::category(code); }

void append_upper(std::string& out, char32_t code) {
  if (const Expansion* more = expansion(code, kUpper)) {
    out += encode(more->mapped);
  } else {
    utf8::append(out, static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(code))));
  }
}

void append_title(std::string& out, char32_t code) {
  if (const Expansion* more = expansion(code, kTitle)) {
    out += encode(more->mapped);
  } else {
    utf8::append(out, static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(code))));
  }
}

bool is_case_ignorable(char32_t code) {
  const std::string_view kind = category(code);
  if (kind == "Mn" || kind == "Me" || kind == "Cf" || kind == "Lm" || kind == "Sk") return true;
  constexpr std::u32string_view kMidWord =
      U"'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";
  return kMidWord.find(code) != std::u32string_view::npos;
}

// Sigma at the end of a word has a lower case of its own.
bool is_final_sigma(std::u32string_view codes, size_t at) {
  size_t before = at;
  while (before > 0 && is_case_ignorable(codes[before - 1])) --before;
  if (before == 0 || !is_cased(codes[before - 1])) return false;
  size_t after = at + 1;
  while (after < codes.size() && is_case_ignorable(codes[after])) ++after;
  return after == codes.size() || !is_cased(codes[after]);
}

constexpr char32_t kSigma = 0x3A3, kFinalSigma = 0x3C2;

void append_lower(std::string& out, std::u32string_view codes, size_t at) {
  if (codes[at] == kSigma && is_final_sigma(codes, at)) {
    utf8::append(out, kFinalSigma);
  } else {
    unicode::append_lowercase(out, codes[at]);
  }
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

size_t last_begin(std::string_view text) {
  size_t at = text.size() - 1;
  while (at > 0 && (text[at] & 0xC0) == 0x80) --at;
  return at;
}

template <class In>
std::string_view strip_if(std::string_view text, Ends ends, const In& in) {
  if (ends != Ends::right)
    while (!text.empty()) {
      const auto [code, size] = utf8::decode_at(text, 0);
      if (!in(code)) break;
      text.remove_prefix(size);
    }
  if (ends != Ends::left)
    while (!text.empty()) {
      const size_t last = last_begin(text);
      if (!in(utf8::decode_at(text, last).code)) break;
      text = text.substr(0, last);
    }
  return text;
}

}  // namespace

std::u32string decode(std::string_view text) {
  std::u32string codes;
  codes.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const auto [code, size] = utf8::decode_at(text, at);
    codes += code;
    at += size;
  }
  return codes;
}

std::string encode(std::u32string_view codes) {
  std::string text;
  for (const char32_t code : codes) utf8::append(text, code);
  return text;
}

size_t byte_of(const Text& text, size_t index) {
  if (text.ascii()) return std::min(index, text.bytes.size());
  size_t at = 0;
  for (; index > 0 && at < text.bytes.size(); --index) at += utf8::decode_at(text.bytes, at).size;
  return at;
}

size_t index_of_byte(const Text& text, size_t byte) {
  if (text.ascii()) return byte;
  return static_cast<size_t>(std::count_if(text.bytes.begin(),
                                           text.bytes.begin() + static_cast<std::ptrdiff_t>(byte),
                                           [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string_view slice(const Text& text, size_t begin, size_t end) {
  const size_t first = byte_of(text, begin);
  return end <= begin ? std::string_view()
                      : std::string_view(text.bytes).substr(first, byte_of(text, end) - first);
}

bool is_space(char32_t code) { return unicode::is_white_space(code) || (code >= 0x1C && code <= 0x1F); }
bool is_alphabetic(char32_t code) { return category(code)[0] == 'L'; }
bool is_decimal(char32_t code) { return category(code) == "Nd"; }
bool is_digit(char32_t code) { return is_decimal(code) || within(code, kOtherDigits); }
bool is_numeric(char32_t code) { return category(code)[0] == 'N' || within(code, kOtherNumeric); }
bool is_lower(char32_t code) { return category(code) == "Ll" || within(code, kOtherLowercase); }
bool is_upper(char32_t code) { return category(code) == "Lu" || within(code, kOtherUppercase); }
bool is_title(char32_t code) { return category(code) == "Lt"; }

bool is_identifier(std::string_view text) {
  if (text.empty()) return false;
  for (size_t at = 0; at < text.size();) {
    const auto [code, size] = utf8::decode_at(text, at);
    const bool begins = code == '_' || is_alphabetic(code) || category(code) == "Nl";
    const std::string_view kind = category(code);
    if (!begins && (at == 0 || !(kind == "Nd" || kind == "Mn" || kind == "Mc" || kind == "Pc"))) return false;
    at += size;
  }
  return true;
}

std::string to_upper(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const auto [code, size] = utf8::decode_at(text, at);
    if (code < 0x80) {
      out += static_cast<char>(code >= 'a' && code <= 'z' ? code - 32 : code);
    } else {
      append_upper(out, code);
    }
    at += size;
  }
  return out;
}

std::string to_lower(std::string_view text) {
  std::string out;
  if (is_ascii(text)) {
    for (const char c : text) out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return out;
  }
  const std::u32string codes = decode(text);
  for (size_t i = 0; i < codes.size(); ++i) append_lower(out, codes, i);
  return out;
}

std::string to_title(std::string_view text) {
  const std::u32string codes = decode(text);
  std::string out;
  bool inside = false;
  for (size_t i = 0; i < codes.size(); ++i) {
    inside ? append_lower(out, codes, i) : append_title(out, codes[i]);
    inside = is_cased(codes[i]);
  }
  return out;
}

std::string to_capitalized(std::string_view text) {
  const std::u32string codes = decode(text);
  std::string out;
  for (size_t i = 0; i < codes.size(); ++i)
    i == 0 ? append_title(out, codes[i]) : append_lower(out, codes, i);
  return out;
}

std::string to_swapped_case(std::string_view text) {
  const std::u32string codes = decode(text);
  std::string out;
  for (size_t i = 0; i < codes.size(); ++i) {
    if (is_upper(codes[i])) {
      append_lower(out, codes, i);
    } else if (is_lower(codes[i])) {
      append_upper(out, codes[i]);
    } else {
      utf8::append(out, codes[i]);
    }
  }
  return out;
}

std::string to_casefolded(std::string_view text) {
  if (is_ascii(text)) return to_lower(text);
  utf8proc_uint8_t* made = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &made, UTF8PROC_CASEFOLD);
  if (size < 0) fail(ErrorKind::input, "the text cannot be case-folded: {}", utf8proc_errmsg(size));
  std::string out(reinterpret_cast<const char*>(made), static_cast<size_t>(size));
  std::free(made);
  return out;
}

std::string_view strip(std::string_view text, Ends ends) { return strip_if(text, ends, is_space); }

std::string_view strip(std::string_view text, std::string_view set, Ends ends) {
  const std::u32string codes = decode(set);
  return strip_if(text, ends, [&](char32_t code) { return codes.find(code) != std::u32string::npos; });
}

}  // namespace millrace::jinja
