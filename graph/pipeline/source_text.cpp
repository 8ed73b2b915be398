#include "graph/pipeline/source_text.h"

#include <fmt/core.h>

#include <cstdint>

namespace millrace {

std::string_view SourceText::line(int number) const {
  std::string_view rest = text;
  for (int i = 1; i < number; ++i) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::string Place::to_string() const {
  const std::string& name = source->name;
  return line < 1 ? name : fmt::format("{}:{}:{}", name, line, column);
}

size_t find_invalid_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto byte = static_cast<uint8_t>(text[at]);
    const int more = byte < 0x80 ? 0 : byte >= 0xC2 && byte < 0xE0 ? 1 : byte >= 0xE0 && byte < 0xF0 ? 2 : 3;
    if (byte > 0xF4 || (byte >= 0x80 && byte < 0xC2) || at + static_cast<size_t>(more) >= text.size())
      return at;
    for (int i = 1; i <= more; ++i) {
      const auto next = static_cast<uint8_t>(text[at + static_cast<size_t>(i)]);
      const uint8_t low = i > 1 ? 0x80 : byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
      const uint8_t high = i > 1 ? 0xBF : byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
      if (next < low || next > high) return at;
    }
    at += static_cast<size_t>(more) + 1;
  }
  return std::string_view::npos;
}

}  // namespace millrace
