#include "tests/fuzz/mutation.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <string_view>

namespace millrace::fuzz {
namespace {

constexpr size_t kMostBytes = 1 << 20;

size_t below(size_t bound, Random& random) { return bound == 0 ? 0 : random() % bound; }

struct Stretch {
  size_t begin, end;
};

// Short ones far more often than long ones.
Stretch stretch_of(const Bytes& bytes, Random& random) {
  const size_t begin = below(bytes.size() + 1, random);
  const size_t most = std::min(bytes.size() - begin, size_t{1} << below(17, random));
  return {begin, begin + below(most + 1, random)};
}

auto at(Bytes& bytes, size_t index) { return bytes.begin() + static_cast<std::ptrdiff_t>(index); }

void flip_bit(Bytes& bytes, Random& random) {
  if (!bytes.empty()) bytes[below(bytes.size(), random)] ^= static_cast<uint8_t>(1u << below(8, random));
}

void set_byte(Bytes& bytes, Random& random) {
  constexpr std::string_view kTelling("\0\x01\x7F\x80\xFF\"\\{}[]:,-. \n'<>&#*e\xE2\xF0", 27);
  if (!bytes.empty())
    bytes[below(bytes.size(), random)] = static_cast<uint8_t>(kTelling[below(kTelling.size(), random)]);
}

void set_integer(Bytes& bytes, Random& random) {
  constexpr std::array<uint64_t, 12> kTelling = {0,          1,          0x7F,       0xFFFF,
                                                 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000,
                                                 1ull << 40, 1ull << 62, 1ull << 63, ~0ull};
  const size_t size = size_t{1} << below(4, random);
  if (bytes.size() < size) return;
  const uint64_t value = kTelling[below(kTelling.size(), random)] + below(3, random) - 1;
  std::memcpy(&bytes[below(bytes.size() - size + 1, random)], &value, size);
}

// A decimal number written in the file, replaced by another.
void set_number(Bytes& bytes, Random& random) {
  constexpr std::array<std::string_view, 13> kTelling = {"0",
                                                         "-1",
                                                         "1",
                                                         "2",
                                                         "255",
                                                         "65536",
                                                         "2147483647",
                                                         "4294967296",
                                                         "-9223372036854775808",
                                                         "18446744073709551616",
                                                         "1e309",
                                                         "0.5",
                                                         "99999999999999999999999999"};
  const size_t from = below(bytes.size(), random);
  const auto digit = [](uint8_t b) { return std::isdigit(b) != 0; };
  const auto begin = std::find_if(at(bytes, from), bytes.end(), digit);
  if (begin == bytes.end()) return;
  const auto end = std::find_if_not(begin, bytes.end(), digit);
  const auto place = begin - bytes.begin();
  bytes.erase(begin, end);
  const std::string_view text = kTelling[below(kTelling.size(), random)];
  bytes.insert(bytes.begin() + place, text.begin(), text.end());
}

void cut_out(Bytes& bytes, Random& random) {
  const auto [begin, end] = stretch_of(bytes, random);
  bytes.erase(at(bytes, begin), at(bytes, end));
}

void insert_stretch(Bytes& bytes, const Bytes& source, Random& random) {
  const auto [begin, end] = stretch_of(source, random);
  const Bytes part(source.begin() + static_cast<std::ptrdiff_t>(begin),
                   source.begin() + static_cast<std::ptrdiff_t>(end));
  const size_t times = below(8, random) == 0 ? 1 + below(64, random) : 1;
  for (size_t i = 0; i < times && bytes.size() + part.size() <= kMostBytes; ++i)
    bytes.insert(at(bytes, below(bytes.size() + 1, random)), part.begin(), part.end());
}

void overwrite_stretch(Bytes& bytes, const Bytes& source, Random& random) {
  const auto [begin, end] = stretch_of(source, random);
  const size_t place = below(bytes.size() + 1, random);
  const size_t size = std::min(end - begin, bytes.size() - place);
  std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(begin), size, at(bytes, place));
}

}  // namespace

Bytes mutated(const std::vector<Bytes>& seeds, Random& random) {
  const auto any_seed = [&]() -> const Bytes& { return seeds[below(seeds.size(), random)]; };
  Bytes bytes = any_seed();
  for (size_t left = 1 + below(8, random); left > 0; --left) {
    switch (below(9, random)) {
      case 0:
        flip_bit(bytes, random);
        break;
      case 1:
        set_byte(bytes, random);
        break;
      case 2:
        set_integer(bytes, random);
        break;
      case 3:
      case 4:
        set_number(bytes, random);
        break;
      case 5:
        cut_out(bytes, random);
        break;
      case 6:
        insert_stretch(bytes, Bytes(bytes), random);
        break;
      case 7:
        overwrite_stretch(bytes, any_seed(), random);
        break;
      case 8:
        if (below(4, random) == 0) {
          bytes.resize(below(bytes.size() + 1, random));
        } else {
          insert_stretch(bytes, any_seed(), random);
        }
        break;
    }
  }
  return bytes;
}

}  // namespace millrace::fuzz
