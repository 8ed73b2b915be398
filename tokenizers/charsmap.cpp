#include "tokenizers/charsmap.h"

#include <utf8proc.h>

#include <cstring>

#include "base/error.h"
#include "base/reader.h"
#include "base/utf8.h"

namespace millrace {
namespace {

constexpr size_t kClusterBytes = 5;  // longer clusters are looked up character by character only

// One unit of the double array.
uint32_t offset_of(uint32_t unit) { return (unit >> 10) << ((unit & 0x200) >> 6); }
uint32_t label_of(uint32_t unit) { return unit & 0x800000FF; }
bool has_leaf(uint32_t unit) { return (unit >> 8 & 1) != 0; }

bool breaks_between(char32_t before, char32_t after, utf8proc_int32_t& state) {
  return utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(before),
                                          static_cast<utf8proc_int32_t>(after), &state);
}

// The end of the grapheme cluster that begins at `at`.
size_t end_of_cluster(std::string_view text, size_t at) {
  auto [code, size] = utf8::decode_at(text, at);
  utf8proc_int32_t state = 0;
  for (at += size; at < text.size(); at += size) {
    const auto next = utf8::decode_at(text, at);
    if (breaks_between(code, next.code, state)) break;
    code = next.code, size = next.size;
  }
  return at;
}

}  // namespace

Charsmap::Charsmap(std::string_view bytes) {
  Reader reader(std::as_bytes(std::span(bytes)), "precompiled_charsmap");
  const auto trie_bytes = reader.read<uint32_t>("the size of the trie");
  if (trie_bytes % sizeof(uint32_t) != 0)
    fail(ErrorKind::model, "the precompiled_charsmap's trie is {} bytes, no whole number of units",
         trie_bytes);
  const auto trie = reader.take(trie_bytes, "the trie");
  units_.resize(trie.size() / sizeof(uint32_t));
  if (!units_.empty()) std::memcpy(units_.data(), trie.data(), trie.size());
  replacements_ = reader.take_text(reader.remaining(), "the replacements");
  if (!utf8::is_valid(replacements_)) fail(ErrorKind::model, "the precompiled_charsmap is not UTF-8");
}

std::optional<std::string_view> Charsmap::find(std::string_view text) const {
  if (units_.empty()) return std::nullopt;
  size_t node = offset_of(units_[0]);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0) break;
    node ^= byte;
    if (node >= units_.size() || label_of(units_[node]) != byte) break;
    const uint32_t unit = units_[node];
    node ^= offset_of(unit);
    if (!has_leaf(unit)) continue;
    const size_t begin = node < units_.size() ? units_[node] & 0x7FFFFFFF : replacements_.size();
    if (begin >= replacements_.size()) return std::nullopt;
    const size_t end = std::min(replacements_.find('\0', begin), replacements_.size());
    return std::string_view(replacements_).substr(begin, end - begin);
  }
  return std::nullopt;
}

void Charsmap::apply(std::string& text) const {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t end = end_of_cluster(text, at);
    const auto cluster = std::string_view(text).substr(at, end - at);
    const auto whole = cluster.size() <= kClusterBytes ? find(cluster) : std::nullopt;
    if (whole) {
      out += *whole;
      at = end;
    }
    while (at < end) {
      const auto character = std::string_view(text).substr(at, utf8::decode_at(text, at).size);
      out += find(character).value_or(character);
      at += character.size();
    }
  }
  text = utf8::sanitized(out);  // an offset of the table may lie within a character
}

}  // namespace millrace
