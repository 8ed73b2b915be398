#include "decoders/constraint/character_set.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"

namespace millrace {
namespace {

constexpr char32_t kLast = 0x10FFFF, kFirstSurrogate = 0xD800, kLastSurrogate = 0xDFFF;

// Edges for a range whose ends have the same number of bytes in UTF-8, `at` of which are the same already.
void connect_range(GrammarBuilder& builder, uint32_t from, const std::string& first, const std::string& last,
                   size_t at, uint32_t to) {
  const auto low = static_cast<uint8_t>(first[at]), high = static_cast<uint8_t>(last[at]);
  if (at + 1 == first.size()) {
    builder.connect(from, low, high, to);
    return;
  }
  const size_t rest = first.size() - at - 1;
  const auto go_on = [&](uint8_t lead_first, uint8_t lead_last, const std::string& a, const std::string& b) {
    const uint32_t next = builder.add_state();
    builder.connect(from, lead_first, lead_last, next);
    connect_range(builder, next, a, b, at + 1, to);
  };
  const std::string lowest = first.substr(0, at + 1) + std::string(rest, '\x80');
  const std::string highest = first.substr(0, at + 1) + std::string(rest, '\xBF');
  if (low == high) {
    go_on(low, low, first, last);
    return;
  }
  // The first and the last leading byte may be followed by some bytes only, those between by all.
  const bool all_of_first = first.compare(at + 1, rest, lowest, at + 1, rest) == 0;
  const bool all_of_last = last.compare(at + 1, rest, highest, at + 1, rest) == 0;
  const int full_from = all_of_first ? low : low + 1, full_to = all_of_last ? high : high - 1;
  if (!all_of_first) go_on(low, low, first, highest);
  if (full_from <= full_to)
    go_on(static_cast<uint8_t>(full_from), static_cast<uint8_t>(full_to), lowest, highest);
  if (!all_of_last) go_on(high, high, lowest, last);
}

std::string encoded(char32_t character) {
  std::string text;
  utf8::append(text, character);
  return text;
}

}  // namespace

CharacterSet::CharacterSet(std::initializer_list<Range> ranges) {
  for (const auto& [first, last] : ranges) add(first, last);
}

CharacterSet CharacterSet::all() { return {{0, kLast}}; }

void CharacterSet::add(char32_t first, char32_t last) {
  if (first < kFirstSurrogate && last > kLastSurrogate) {
    add(first, kFirstSurrogate - 1);
    add(kLastSurrogate + 1, last);
    return;
  }
  if (first >= kFirstSurrogate && first <= kLastSurrogate) first = kLastSurrogate + 1;
  if (last >= kFirstSurrogate && last <= kLastSurrogate) last = kFirstSurrogate - 1;
  if (first > last) return;
  ranges_.emplace_back(first, last);
  std::sort(ranges_.begin(), ranges_.end());
  std::vector<Range> joined;
  for (const Range& range : ranges_) {
    if (!joined.empty() && range.first <= joined.back().second + 1) {
      joined.back().second = std::max(joined.back().second, range.second);
    } else {
      joined.push_back(range);
    }
  }
  ranges_ = std::move(joined);
}

void CharacterSet::add(const CharacterSet& other) {
  for (const auto& [first, last] : other.ranges_) add(first, last);
}

CharacterSet CharacterSet::inverted() const {
  CharacterSet rest;
  char32_t next = 0;
  for (const auto& [first, last] : ranges_) {
    if (first > next) rest.add(next, first - 1);
    next = last + 1;
  }
  if (next <= kLast) rest.add(next, kLast);
  return rest;
}

CharacterSet CharacterSet::without(const CharacterSet& other) const {
  CharacterSet union_of = inverted();
  union_of.add(other);
  return union_of.inverted();
}

CharacterSet CharacterSet::within(const CharacterSet& other) const { return without(other.inverted()); }

bool CharacterSet::has(char32_t character) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
    return range.first <= character && character <= range.second;
  });
}

GrammarBuilder::Piece utf8_character(GrammarBuilder& builder, const CharacterSet& set) {
  // Where the number of bytes grows.
  constexpr CharacterSet::Range kLengths[] = {{0, 0x7F}, {0x80, 0x7FF}, {0x800, 0xFFFF}, {0x10000, kLast}};
  const auto piece = builder.impossible();
  for (const auto& [first, last] : set.ranges()) {
    for (const auto& [low, high] : kLengths) {
      const char32_t from = std::max(first, low), to = std::min(last, high);
      if (from <= to) connect_range(builder, piece.start, encoded(from), encoded(to), 0, piece.end);
    }
  }
  return piece;
}

}  // namespace millrace
