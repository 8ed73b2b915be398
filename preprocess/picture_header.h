#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// What a picture's first bytes say of it.
struct PictureHeader {
  std::string_view format;  // "JPEG", "PNG", …
  int64_t height = 0, width = 0;
};

// None for what is no picture of a known format, or is cut short before its size.
std::optional<PictureHeader> read_picture_header(std::span<const std::byte> bytes);

// A PNG of grey in 16 bits.
bool has_deep_grey(std::span<const std::byte> bytes);

// Why the picture is not whole, "" where nothing tells: a PNG's parts and their checksums, a JPEG's end.
// Decoders make grey of what is missing.
std::string picture_damage(std::span<const std::byte> bytes);

// A PNG's parts without those that change nothing that is read: colour profiles and gammas, of which libpng
// complains on standard error. The bytes themselves for other formats.
std::vector<std::byte> without_colour_profiles(std::span<const std::byte> bytes);

}  // namespace millrace
