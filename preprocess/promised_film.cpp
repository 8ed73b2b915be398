#include "preprocess/promised_film.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace millrace {
namespace {

constexpr int kMostParts = 100'000;

// Up to 16 bytes of a file at a position; fewer at its end.
class Bytes {
 public:
  Bytes(InputFile& file, int64_t position) {
    file.seek(position);
    while (size_ < bytes_.size()) {
      const size_t got = file.read(bytes_.data() + size_, bytes_.size() - size_);
      if (got == 0) break;
      size_ += got;
    }
  }
  size_t size() const { return size_; }
  std::string_view text(size_t at, size_t count) const { return {bytes_.data() + at, count}; }
  uint64_t big(size_t at, size_t count) const {
    uint64_t value = 0;
    for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes_[at + i]);
    return value;
  }
  uint64_t little32(size_t at) const {
    uint64_t value = 0;
    for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes_[at + i]);
    return value;
  }

 private:
  std::array<char, 16> bytes_{};
  size_t size_ = 0;
};

// The size of the part that begins there, its header included; none where it goes on to the end of the file,
// or makes no sense.
using PartSize = std::optional<uint64_t> (*)(const Bytes&);

std::optional<uint64_t> box_size(const Bytes& bytes) {  // ISO/IEC 14496-12
  const uint64_t size = bytes.big(0, 4);
  if (size == 1) return bytes.big(8, 8);
  return size < 8 ? std::nullopt : std::optional(size);
}

std::optional<uint64_t> riff_size(const Bytes& bytes) {
  // Programs that were stopped before they knew leave zeros, or the largest number.
  const uint64_t size = bytes.little32(4);
  if (bytes.text(0, 4) != "RIFF" || size == 0 || size >= 0xfffffff0) return std::nullopt;
  return size + 8;
}

std::optional<uint64_t> element_size(const Bytes& bytes) {  // EBML, RFC 8794
  constexpr size_t kIdBytes = 4;                            // of a file's outermost elements
  size_t length = 1;
  const auto first = static_cast<unsigned>(bytes.big(kIdBytes, 1));
  while (length <= 8 && (first << (length - 1) & 0x80) == 0) ++length;
  if (bytes.big(0, 1) >> 4 != 1 || length > 8) return std::nullopt;
  const uint64_t most = (uint64_t{1} << (7 * length)) - 1;
  const uint64_t size = bytes.big(kIdBytes, length) & most;
  return size == most ? std::nullopt : std::optional(size + kIdBytes + length);
}

PartSize part_size_of(const Bytes& head) {
  if (head.text(0, 4) == "RIFF" && head.text(8, 4) == "AVI ") return riff_size;
  for (const std::string_view type : {"ftyp", "moov", "mdat", "wide"})
    if (head.text(4, 4) == type) return box_size;
  if (head.big(0, 4) == 0x1a45dfa3) return element_size;
  return nullptr;
}

}  // namespace

int64_t missing_film_bytes(InputFile& file) {
  const auto end = static_cast<uint64_t>(file.size().value_or(0));
  const PartSize part_size = part_size_of(Bytes(file, 0));
  if (part_size == nullptr) return 0;
  uint64_t position = 0;
  for (int parts = 0; parts < kMostParts && position + 8 <= end; ++parts) {
    const auto size = part_size(Bytes(file, static_cast<int64_t>(position)));
    if (!size || *size == 0 || *size > INT64_MAX - position) return 0;
    position += *size;
  }
  return position > end ? static_cast<int64_t>(position - end) : 0;
}

}  // namespace millrace
