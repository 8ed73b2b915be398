#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::utf8 {

// What stands at one place of untrusted bytes.
struct Sequence {
  enum class Kind : uint8_t { whole, invalid, cut };  // cut: the bytes end within a character
  Kind kind;
  uint8_t size;  // of the character, or of the longest part of one (at least 1)
};
Sequence sequence_at(std::string_view bytes, size_t at);

bool is_valid(std::string_view bytes);

// The text with every longest part of a character that is none replaced by U+FFFD, as the WHATWG encoding
// standard, Rust and Python do.
std::string sanitized(std::string_view bytes);

struct Decoded {
  char32_t code;
  size_t size;  // bytes
};
// The character at `at`, of text that is valid.
Decoded decode_at(std::string_view valid, size_t at);
void append(std::string& text, char32_t code);

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace millrace::utf8
