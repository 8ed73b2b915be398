#include "tokenizers/byte_level.h"

#include <array>

#include "base/utf8.h"

namespace millrace::byte_level {
namespace {

struct Alphabet {
  std::array<std::string, 256> character;
  std::array<int16_t, 0x180> byte;  // by character; -1: not of the alphabet

  Alphabet() {
    byte.fill(-1);
    char32_t next = 256;
    for (unsigned i = 0; i < 256; ++i) {
      const bool printable = (i >= '!' && i <= '~') || (i >= 0xA1 && i != 0xAD);
      const char32_t code = printable ? i : next++;
      utf8::append(character[i], code);
      byte[code] = static_cast<int16_t>(i);
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet instance;
  return instance;
}

}  // namespace

void append_encoded(std::string& text, std::string_view bytes) {
  const Alphabet& letters = alphabet();
  for (const char byte : bytes) text += letters.character[static_cast<unsigned char>(byte)];
}

std::string encoded(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  append_encoded(text, bytes);
  return text;
}

std::optional<std::string> decoded(std::string_view text) {
  const Alphabet& letters = alphabet();
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const auto [code, size] = utf8::decode_at(text, i);
    if (code >= letters.byte.size() || letters.byte[code] < 0) return std::nullopt;
    bytes += static_cast<char>(letters.byte[code]);
    i += size;
  }
  return bytes;
}

}  // namespace millrace::byte_level
