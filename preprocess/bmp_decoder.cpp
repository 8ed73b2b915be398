#include "preprocess/bmp_decoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "base/error.h"
#include "base/limits.h"

namespace millrace {
namespace {

enum Compression : int64_t { kNone = 0, kRuns8 = 1, kRuns4 = 2, kMasks = 3 };
constexpr size_t kFileHeader = 14, kInfoHeader = 40, kOs2Header = 12;

class Decoder {
 public:
  Decoder(std::span<const std::byte> bytes, const std::string& name) : bytes_(bytes), name_(name) {
    read_header();
  }

  Image decode() {
    if (bits_ <= 8) read_palette();
    if (compression_ == kRuns8 || compression_ == kRuns4) {
      const auto numbers = run_lengths();
      Image image(height_, width_);
      for (size_t i = 0; i < numbers.size(); ++i)
        std::ranges::copy(palette_[numbers[i]], image.row(line_at(static_cast<int64_t>(i) / width_)) +
                                                    static_cast<int64_t>(i) % width_ * Image::kChannels);
      return image;
    }
    const size_t line = (static_cast<size_t>(width_ * bits_) + 31) / 32 * 4;
    if (start_ > bytes_.size() || line * static_cast<size_t>(height_) > bytes_.size() - start_) cut_short();
    Image image(height_, width_);
    for (int64_t y = 0; y < height_; ++y)
      read_line(start_ + static_cast<size_t>(y) * line, image.row(line_at(y)));
    return image;
  }

 private:
  [[noreturn]] void cut_short() const {
    fail_at(ErrorKind::input, name_, "is a damaged BMP file: it is cut short");
  }

  int64_t byte(size_t i) const {
    if (i >= bytes_.size()) cut_short();
    return std::to_integer<int64_t>(bytes_[i]);
  }
  // Little-endian numbers of so many bytes.
  int64_t number(size_t i, size_t count) const {
    int64_t value = 0;
    for (size_t k = count; k-- > 0;) value = value << 8 | byte(i + k);
    return value;
  }

  void read_header() {
    start_ = static_cast<size_t>(number(10, 4));
    header_ = static_cast<size_t>(number(kFileHeader, 4));
    const bool os2 = header_ == kOs2Header;
    width_ = os2 ? number(18, 2) : static_cast<int32_t>(number(18, 4));
    height_ = os2 ? number(20, 2) : static_cast<int32_t>(number(22, 4));
    bits_ = number(os2 ? 24 : 28, 2);
    if (!os2 && header_ >= kInfoHeader) {
      compression_ = number(30, 4);
      colours_ = number(46, 4);
    }
    downwards_ = height_ < 0;
    height_ = std::abs(height_);
    const bool runs = (compression_ == kRuns8 && bits_ == 8) || (compression_ == kRuns4 && bits_ == 4);
    const bool plain = compression_ == kNone && (bits_ == 1 || bits_ == 4 || bits_ == 8 || bits_ >= 16);
    const bool masked = compression_ == kMasks && (bits_ == 16 || bits_ == 24 || bits_ == 32);
    const bool known = bits_ == 1 || bits_ == 4 || bits_ == 8 || bits_ == 16 || bits_ == 24 || bits_ == 32;
    if (!known || !(runs || plain || masked) || (!os2 && header_ < kInfoHeader))
      fail_at(ErrorKind::input, name_, "is a BMP of a kind that is not read: {} bits, compression {}", bits_,
              compression_);
    if (width_ < 1 || height_ < 1 || width_ > limits::kPixels / height_)
      fail_at(ErrorKind::input, name_, "is a damaged BMP file: its size is wrong");
    if (bits_ == 16) masks_ = {0x7c00, 0x3e0, 0x1f};
    if (masked)
      for (size_t c = 0; c < masks_.size(); ++c)
        masks_[c] = static_cast<uint32_t>(number(kFileHeader + kInfoHeader + 4 * c, 4));
    check_masks();
  }

  // Whole bytes, or of 16 bits 5, 5 or 6, and 5.
  void check_masks() const {
    const bool small = masks_ == Masks{0x7c00, 0x3e0, 0x1f} || masks_ == Masks{0xf800, 0x7e0, 0x1f};
    const bool whole = std::ranges::all_of(masks_, [&](uint32_t mask) {
      const int shift = std::countr_zero(mask);
      return mask != 0 && shift % 8 == 0 && mask >> shift == 0xff && shift < bits_;
    });
    if (bits_ >= 16 && !(bits_ == 16 ? small : whole))
      fail_at(ErrorKind::input, name_,
              "is a BMP of a kind that is not read: its colours' masks are {:x}, {:x} and {:x}", masks_[0],
              masks_[1], masks_[2]);
  }

  void read_palette() {
    const size_t entry = header_ == kOs2Header ? 3 : 4, most = size_t{1} << bits_;
    const size_t count = colours_ > 0 ? std::min(most, static_cast<size_t>(colours_)) : most;
    for (size_t i = 0; i < count; ++i)  // blue, green, red
      for (size_t c = 0; c < Image::kChannels; ++c)
        palette_[i][c] = static_cast<uint8_t>(byte(kFileHeader + header_ + i * entry + 2 - c));
  }

  int64_t line_at(int64_t y) const { return downwards_ ? y : height_ - 1 - y; }

  void read_line(size_t at, uint8_t* to) const {
    for (int64_t x = 0; x < width_; ++x, to += Image::kChannels) {
      if (bits_ <= 8) {
        const auto bit = static_cast<size_t>(x * bits_);
        const int64_t rest = static_cast<int64_t>(bit % 8);
        const auto entry =
            static_cast<size_t>(byte(at + bit / 8) >> (8 - bits_ - rest)) & ((size_t{1} << bits_) - 1);
        std::ranges::copy(palette_[entry], to);
        continue;
      }
      const auto size = static_cast<size_t>(bits_ / 8);
      const auto value = static_cast<uint32_t>(number(at + static_cast<size_t>(x) * size, size));
      for (size_t c = 0; c < Image::kChannels; ++c) {
        const int shift = std::countr_zero(masks_[c]);
        to[c] = static_cast<uint8_t>(((value & masks_[c]) >> shift) * 255 / (masks_[c] >> shift));
      }
    }
  }

  // The palette's numbers, in the order of the file's lines.
  std::vector<uint8_t> run_lengths() const {
    const bool nibbles = compression_ == kRuns4;
    const auto count = static_cast<size_t>(width_ * height_), line = static_cast<size_t>(width_);
    std::vector<uint8_t> numbers;
    const auto part = [&](int64_t value, int64_t i) {
      return static_cast<uint8_t>(!nibbles ? value : i % 2 == 0 ? value >> 4 : value & 15);
    };
    for (size_t at = start_; numbers.size() < count;) {
      const int64_t run = byte(at++), value = byte(at++);
      const auto left = static_cast<int64_t>(line - numbers.size() % line);
      if (run > 0) {
        for (int64_t i = 0; i < std::min(run, left); ++i) numbers.push_back(part(value, i));
      } else if (value == 0) {  // the end of a line, which may just have been full
        while (numbers.size() % line != 0) numbers.push_back(0);
      } else if (value == 1) {
        cut_short();
      } else if (value == 2) {  // a jump to the right and to later lines
        const auto right = static_cast<size_t>(byte(at++)), lines = static_cast<size_t>(byte(at++));
        numbers.resize(std::min(count, numbers.size() + right + lines * line));
      } else {  // so many as they are
        for (int64_t i = 0; i < value; ++i)
          numbers.push_back(part(byte(at + static_cast<size_t>(nibbles ? i / 2 : i)), i));
        at += static_cast<size_t>(nibbles ? (value + 1) / 2 : value);
        at += at % 2;
      }
    }
    numbers.resize(count);
    return numbers;
  }

  using Masks = std::array<uint32_t, Image::kChannels>;
  std::span<const std::byte> bytes_;
  const std::string& name_;
  size_t start_ = 0, header_ = 0;
  int64_t height_ = 0, width_ = 0, bits_ = 0, compression_ = kNone, colours_ = 0;
  bool downwards_ = false;
  Masks masks_ = {0xff0000, 0xff00, 0xff};
  std::array<std::array<uint8_t, Image::kChannels>, 256> palette_{};
};

}  // namespace

Image decode_bmp(std::span<const std::byte> bytes, const std::string& name) {
  return Decoder(bytes, name).decode();
}

}  // namespace millrace
