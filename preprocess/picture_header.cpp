#include "preprocess/picture_header.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>

namespace millrace {
namespace {

// Numbers at places of the file, 0 beyond its end.
class Bytes {
 public:
  explicit Bytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  size_t size() const { return bytes_.size(); }
  int64_t at(size_t i) const { return i < bytes_.size() ? std::to_integer<int64_t>(bytes_[i]) : 0; }
  int64_t big16(size_t i) const { return at(i) << 8 | at(i + 1); }
  int64_t big32(size_t i) const { return big16(i) << 16 | big16(i + 2); }
  int64_t little16(size_t i) const { return at(i) | at(i + 1) << 8; }
  int64_t little24(size_t i) const { return little16(i) | at(i + 2) << 16; }
  int64_t little32(size_t i) const { return little16(i) | little16(i + 2) << 16; }
  bool has(size_t i, std::string_view text) const {
    return i + text.size() <= bytes_.size() &&
           std::ranges::equal(text, bytes_.subspan(i, text.size()), [](char a, std::byte b) {
             return static_cast<unsigned char>(a) == std::to_integer<unsigned char>(b);
           });
  }
  const std::byte* data() const { return bytes_.data(); }

 private:
  std::span<const std::byte> bytes_;
};

constexpr std::string_view kPng("\x89PNG\r\n\x1a\n", 8);

bool has_no_length(int64_t marker) { return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8); }
bool is_frame(int64_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// body(marker, position behind it) for each marker of a JPEG, those between the scans' data too, until it
// returns true. False where the file ends first.
template <class Body>
bool find_marker(const Bytes& bytes, const Body& body) {
  for (size_t i = 2; i + 1 < bytes.size();) {
    if (bytes.at(i) != 0xff || bytes.at(i + 1) == 0xff || bytes.at(i + 1) == 0) {
      ++i;  // data, or filling
      continue;
    }
    const int64_t marker = bytes.at(i + 1);
    i += 2;
    if (body(marker, i)) return true;
    if (!has_no_length(marker)) i += static_cast<size_t>(std::max<int64_t>(bytes.big16(i), 2));
  }
  return false;
}

std::optional<PictureHeader> jpeg_header(const Bytes& bytes) {
  PictureHeader header{.format = "JPEG"};
  const bool found = find_marker(bytes, [&](int64_t marker, size_t at) {
    if (!is_frame(marker)) return false;
    header.height = bytes.big16(at + 3);
    header.width = bytes.big16(at + 5);
    return true;
  });
  if (!found) return std::nullopt;
  return header;
}

std::optional<PictureHeader> webp_header(const Bytes& bytes) {
  if (bytes.has(12, "VP8X")) return PictureHeader{"WebP", bytes.little24(27) + 1, bytes.little24(24) + 1};
  if (bytes.has(12, "VP8L")) {
    const int64_t bits = bytes.little32(21);
    return PictureHeader{"WebP", (bits >> 14 & 0x3fff) + 1, (bits & 0x3fff) + 1};
  }
  if (bytes.has(12, "VP8 "))
    return PictureHeader{"WebP", bytes.little16(28) & 0x3fff, bytes.little16(26) & 0x3fff};
  return std::nullopt;
}

std::optional<PictureHeader> tiff_header(const Bytes& bytes, bool big) {
  const auto two = [&](size_t i) { return big ? bytes.big16(i) : bytes.little16(i); };
  const auto four = [&](size_t i) { return big ? bytes.big32(i) : bytes.little32(i); };
  PictureHeader header{.format = "TIFF"};
  const auto directory = static_cast<size_t>(four(4));
  const int64_t count = two(directory);
  for (int64_t i = 0; i < count; ++i) {
    const size_t entry = directory + 2 + static_cast<size_t>(i) * 12;
    if (entry + 12 > bytes.size()) break;
    const int64_t value = two(entry + 2) == 3 ? two(entry + 8) : four(entry + 8);
    if (two(entry) == 256) header.width = value;
    if (two(entry) == 257) header.height = value;
  }
  if (header.width == 0 || header.height == 0) return std::nullopt;
  return header;
}

std::string png_damage(const Bytes& bytes) {
  for (size_t i = kPng.size(); i + 12 <= bytes.size();) {
    const auto length = static_cast<size_t>(bytes.big32(i));
    if (length > bytes.size() - i - 12) break;
    const auto checksum = static_cast<int64_t>(
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data() + i + 4), static_cast<uInt>(length + 4)));
    if (checksum != bytes.big32(i + 8 + length))
      return fmt::format("the part at byte {} is damaged: its checksum is wrong", i);
    if (bytes.has(i + 4, "IEND")) return "";
    i += length + 12;
  }
  return "it is cut short";
}

}  // namespace

std::optional<PictureHeader> read_picture_header(std::span<const std::byte> given) {
  const Bytes bytes(given);
  if (bytes.has(0, kPng) && bytes.size() >= 24) return PictureHeader{"PNG", bytes.big32(20), bytes.big32(16)};
  if (bytes.has(0, "\xff\xd8\xff")) return jpeg_header(bytes);
  if (bytes.has(0, "GIF8") && bytes.size() >= 10)
    return PictureHeader{"GIF", bytes.little16(8), bytes.little16(6)};
  if (bytes.has(0, "RIFF") && bytes.has(8, "WEBP") && bytes.size() >= 30) return webp_header(bytes);
  if (bytes.has(0, "BM") && bytes.size() >= 26) {
    if (bytes.little32(14) == 12) return PictureHeader{"BMP", bytes.little16(20), bytes.little16(18)};
    const auto height = static_cast<int32_t>(bytes.little32(22));  // from top to bottom where negative
    return PictureHeader{"BMP", std::abs(static_cast<int64_t>(height)), bytes.little32(18)};
  }
  if (bytes.has(0, std::string_view("II*\0", 4))) return tiff_header(bytes, false);
  if (bytes.has(0, std::string_view("MM\0*", 4))) return tiff_header(bytes, true);
  return std::nullopt;
}

bool has_deep_grey(std::span<const std::byte> given) {
  const Bytes bytes(given);
  return bytes.has(0, kPng) && bytes.at(24) == 16 && bytes.at(25) == 0;
}

std::vector<std::byte> without_colour_profiles(std::span<const std::byte> given) {
  const Bytes bytes(given);
  if (!bytes.has(0, kPng)) return {given.begin(), given.end()};
  constexpr std::string_view kKept[] = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND", "eXIf"};
  std::vector<std::byte> result(given.begin(), given.begin() + kPng.size());
  for (size_t i = kPng.size(); i + 12 <= bytes.size();) {
    const size_t size = static_cast<size_t>(bytes.big32(i)) + 12;
    if (size > bytes.size() - i) break;
    if (std::ranges::any_of(kKept, [&](std::string_view name) { return bytes.has(i + 4, name); }))
      result.insert(result.end(), given.begin() + static_cast<std::ptrdiff_t>(i),
                    given.begin() + static_cast<std::ptrdiff_t>(i + size));
    i += size;
  }
  return result;
}

std::string picture_damage(std::span<const std::byte> given) {
  const Bytes bytes(given);
  if (bytes.has(0, kPng)) return png_damage(bytes);
  constexpr int64_t kEnd = 0xd9;
  if (bytes.has(0, "\xff\xd8\xff") &&
      !find_marker(bytes, [](int64_t marker, size_t) { return marker == kEnd; }))
    return "it is cut short";
  return "";
}

}  // namespace millrace
