#include "preprocess/promised_sound.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>

namespace millrace {
namespace {

constexpr int kMostChunks = 1000;

uint64_t number(const char* bytes, int size, std::endian order) {
  uint64_t value = 0;
  for (int i = 0; i < size; ++i) {
    const int at = order == std::endian::big ? i : size - 1 - i;
    value = value << 8 | static_cast<unsigned char>(bytes[at]);
  }
  return value;
}

bool read_at(InputFile& file, int64_t position, char* to, size_t size) {
  file.seek(position);
  for (size_t have = 0; have < size;) {
    const size_t got = file.read(to + have, size - have);
    if (got == 0) return false;
    have += got;
  }
  return true;
}

}  // namespace

bool is_unknown_size(uint64_t size) {
  return size == 0 || (size >= 0x7ff00000 && size <= 0x80000000) ||
         (size >= 0xfff00000 && size <= 0xffffffff);
}

std::optional<PromisedSound> promised_sound(InputFile& file) {
  std::array<char, 12> head;
  if (!read_at(file, 0, head.data(), head.size())) return std::nullopt;
  const std::string_view kind(head.data(), 4), form(head.data() + 8, 4);
  const bool wave = (kind == "RIFF" || kind == "RIFX" || kind == "RF64") && form == "WAVE";
  if (!wave && !(kind == "FORM" && (form == "AIFF" || form == "AIFC"))) return std::nullopt;
  const std::endian order = kind == "FORM" || kind == "RIFX" ? std::endian::big : std::endian::little;
  const std::string_view sound = wave ? "data" : "SSND";

  std::optional<uint64_t> long_size;  // of the sound, in an RF64
  int64_t position = 12;
  for (int chunks = 0; chunks < kMostChunks; ++chunks) {
    std::array<char, 24> chunk;
    if (!read_at(file, position, chunk.data(), 8)) return std::nullopt;
    const std::string_view name(chunk.data(), 4);
    const uint64_t size = number(chunk.data() + 4, 4, order);
    if (name == sound) {
      const uint64_t promised = long_size && size == 0xffffffff ? *long_size : size;
      if (is_unknown_size(promised) || promised > INT64_MAX) return std::nullopt;
      const int64_t left = std::max<int64_t>(0, *file.size() - position - 8);
      return PromisedSound{static_cast<int64_t>(promised), std::min(left, static_cast<int64_t>(promised))};
    }
    if (name == "ds64" && read_at(file, position, chunk.data(), chunk.size()))
      long_size = number(chunk.data() + 16, 8, order);  // after the size of the whole
    position += 8 + static_cast<int64_t>(size + size % 2);
  }
  return std::nullopt;
}

}  // namespace millrace
