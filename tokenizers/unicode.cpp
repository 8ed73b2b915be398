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

struct Range {
  char32_t first, last;
};
struct ScriptRange {
  char32_t first, last;
  uint8_t script;
};
#include "tokenizers/character_sets.inc"

// The range that holds `code`, or null.
template <class R, size_t size>
const R* range_of(char32_t code, const R (&ranges)[size]) {
  const R* after = std::upper_bound(std::begin(ranges), std::end(ranges), code,
                                    [](char32_t c, const R& range) { return c < range.first; });
  return after != std::begin(ranges) && code <= std::prev(after)->last ? std::prev(after) : nullptr;
}

template <size_t size>
bool within(char32_t code, const Range (&ranges)[size]) {
  return range_of(code, ranges) != nullptr;
}

// utf8proc's mapping, and those of later versions of Unicode (to 17).
char32_t simple_lowercase(char32_t c) {
  switch (c) {
    case 0xA7CB:
      return 0x264;
    case 0xA7DC:
      return 0x19B;
    case 0x1C89:
    case 0xA7CC:
    case 0xA7CE:
    case 0xA7D2:
    case 0xA7D4:
    case 0xA7DA:
      return c + 1;
    default:
      break;
  }
  if (c >= 0x10D50 && c <= 0x10D65) return c + 0x20;
  if (c >= 0x16EA0 && c <= 0x16EB8) return c + 0x1B;
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

// Characters with decompositions that are newer than the `tokenizers` library's normalization (Unicode 9).
constexpr Range kNewerDecompositions[] = {
    {0x32FF, 0x32FF},   {0xA7F2, 0xA7F4},   {0xAB69, 0xAB69},   {0x10781, 0x10785},
    {0x10787, 0x107B0}, {0x107B2, 0x107BA}, {0x11930, 0x11930}, {0x11938, 0x11938},
    {0x1E030, 0x1E06D}, {0x1F16C, 0x1F16C}, {0x1FBF0, 0x1FBF9},
};

// Whether that normalization leaves the character as and where it is: marks that it does not know are not
// reordered.
bool stays_whole(char32_t c) {
  const auto* property = utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
  return (property->combining_class != 0 && !is_mark(c)) || within(c, kNewerDecompositions);
}

std::string mapped(std::string_view text, Form form) {
  if (text.empty()) return {};
  int options = UTF8PROC_STABLE;
  options |= form == Form::nfc || form == Form::nfkc ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
  if (form == Form::nfkc || form == Form::nfkd) options |= UTF8PROC_COMPAT;
  utf8proc_uint8_t* made = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &made,
                                 static_cast<utf8proc_option_t>(options));
  if (size < 0) fail(ErrorKind::input, "the text cannot be normalized: {}", utf8proc_errmsg(size));
  std::string out(reinterpret_cast<const char*>(made), static_cast<size_t>(size));
  std::free(made);
  return out;
}

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

bool is_word(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  const std::string_view kind = category(c);
  return kind[0] == 'L' || kind[0] == 'M' || kind == "Nd" || kind == "Nl" || kind == "Pc" || c == 0x200C ||
         c == 0x200D || is_letter_like_symbol(c);
}

bool is_numeric(char32_t c) { return within(c, kNumeric); }
bool is_punctuation(char32_t c) { return within(c, kPunctuation); }
bool is_control(char32_t c) { return within(c, kControl); }
bool is_nonspacing_mark(char32_t c) { return within(c, kNonspacingMarks); }
bool is_mark(char32_t c) { return within(c, kMarks); }

int script(char32_t c) {
  const ScriptRange* range = range_of(c, kScripts);
  return range == nullptr ? 0 : range->script;
}

void append_lowercase(std::string& text, char32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  } else if (c == 0x130) {  // the one character whose lower case is two: i and a dot above
    text += "i\xCC\x87";
  } else {
    utf8::append(text, simple_lowercase(c));
  }
}

void normalize(std::string& text, Form form) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return;
  std::string made;
  size_t last = 0;
  for (size_t i = 0; i < text.size();) {
    const auto [code, size] = utf8::decode_at(text, i);
    if (code > 0x7F && stays_whole(code)) {
      made += mapped(std::string_view(text).substr(last, i - last), form);
      made.append(text, i, size);
      last = i + size;
    }
    i += size;
  }
  text = made + mapped(std::string_view(text).substr(last), form);
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
