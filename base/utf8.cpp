#include "base/utf8.h"

namespace millrace::utf8 {

// Table 3-7 of the Unicode standard: which second bytes each first byte allows.
Sequence sequence_at(std::string_view bytes, size_t at) {
  using enum Sequence::Kind;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
  const size_t left = bytes.size() - at;
  const unsigned char first = byte(0);
  if (first < 0x80) return {whole, 1};
  const uint8_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (length == 0) return {invalid, 1};
  unsigned char low = 0x80, high = 0xBF;
  if (first == 0xE0) low = 0xA0;   // no overlong forms
  if (first == 0xED) high = 0x9F;  // no surrogates
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;  // nothing above U+10FFFF
  for (uint8_t i = 1; i < length; ++i) {
    if (i >= left) return {cut, i};
    if (byte(i) < low || byte(i) > high) return {invalid, i};
    low = 0x80, high = 0xBF;
  }
  return {whole, length};
}

bool is_valid(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const Sequence sequence = sequence_at(bytes, i);
    if (sequence.kind != Sequence::Kind::whole) return false;
    i += sequence.size;
  }
  return true;
}

std::string sanitized(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size();) {
    const Sequence sequence = sequence_at(bytes, i);
    if (sequence.kind == Sequence::Kind::whole) {
      text.append(bytes, i, sequence.size);
    } else {
      text += kReplacement;
    }
    i += sequence.size;
  }
  return text;
}

Decoded decode_at(std::string_view valid, size_t at) {
  const auto byte = [&](size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(valid[at + i]));
  };
  const char32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  if (first < 0xE0) return {(first & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (first < 0xF0) return {(first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

void append(std::string& text, char32_t code) {
  const auto put = [&](char32_t value) { text += static_cast<char>(value); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

}  // namespace millrace::utf8
