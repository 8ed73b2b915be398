#include "preprocess/gif_decoder.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"

namespace millrace {
namespace {

// Bytes of the file, one after the other.
class Bytes {
 public:
  Bytes(std::span<const std::byte> bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  int64_t one() {
    if (at_ >= bytes_.size()) fail("it is cut short");
    return std::to_integer<int64_t>(bytes_[at_++]);
  }
  int64_t two() {
    const int64_t low = one();
    return low | one() << 8;
  }
  void skip(int64_t count) {
    for (int64_t i = 0; i < count; ++i) one();
  }
  [[noreturn]] void fail(std::string_view why) const {
    fail_at(ErrorKind::input, name_, "is a damaged GIF file: {}", why);
  }

 private:
  std::span<const std::byte> bytes_;
  const std::string& name_;
  size_t at_ = 0;
};

using Palette = std::array<std::array<uint8_t, Image::kChannels>, 256>;

// Of 2 to 256 colours, as the low three bits of the flags say.
Palette read_palette(Bytes& file, int64_t flags) {
  Palette palette{};
  for (int64_t i = 0; i < int64_t{2} << (flags & 7); ++i)
    for (auto& level : palette[static_cast<size_t>(i)]) level = static_cast<uint8_t>(file.one());
  return palette;
}

// Codes of a growing number of bits, from blocks that begin with their size, the lowest bits first.
class Codes {
 public:
  explicit Codes(Bytes& file) : file_(file) {}

  int64_t next(int bits) {
    while (bits_ < bits) {
      if (left_ == 0) left_ = file_.one();
      if (left_ == 0) file_.fail("its pixels end too early");
      value_ |= file_.one() << bits_;
      bits_ += 8;
      --left_;
    }
    const int64_t code = value_ & ((int64_t{1} << bits) - 1);
    value_ >>= bits;
    bits_ -= bits;
    return code;
  }

 private:
  Bytes& file_;
  int64_t left_ = 0, value_ = 0;
  int bits_ = 0;
};

// The palette's numbers of so many pixels (Welch, "A technique for high-performance data compression", 1984).
std::vector<uint8_t> read_pixels(Bytes& file, size_t count) {
  constexpr int kMostBits = 12;
  struct Entry {
    int64_t before;
    uint8_t last;
  };
  const auto first_bits = static_cast<int>(file.one());
  if (first_bits < 1 || first_bits > 8) file.fail("its pixels have a wrong number of bits");
  const int64_t clear = int64_t{1} << first_bits, end = clear + 1;
  std::array<Entry, 1 << kMostBits> entries{};
  for (int64_t i = 0; i < clear; ++i) entries[static_cast<size_t>(i)] = {-1, static_cast<uint8_t>(i)};
  std::vector<uint8_t> pixels, string;
  Codes codes(file);
  int64_t known = end + 1, before = -1;
  int bits = first_bits + 1;
  while (pixels.size() < count) {
    const int64_t code = codes.next(bits);
    if (code == end) file.fail("its pixels end too early");
    if (code == clear) {
      known = end + 1, before = -1, bits = first_bits + 1;
      continue;
    }
    if (code > known || (code == known && before < 0)) file.fail("a code of its pixels is wrong");
    if (before < 0 && code >= clear) file.fail("a code of its pixels is wrong");
    string.clear();
    if (code == known) string.push_back(0);  // ends as it begins
    for (int64_t i = code == known ? before : code; i >= 0; i = entries[static_cast<size_t>(i)].before)
      string.push_back(entries[static_cast<size_t>(i)].last);
    if (code == known) string.front() = string.back();
    if (before >= 0 && known < std::ssize(entries)) {
      entries[static_cast<size_t>(known++)] = {before, string.back()};
      if (known == int64_t{1} << bits && bits < kMostBits) ++bits;
    }
    before = code;
    pixels.insert(pixels.end(), string.rbegin(), string.rend());
  }
  pixels.resize(count);
  return pixels;
}

// The lines in the order of the file: every eighth, those halfway, …
std::vector<int64_t> lines_in_order(int64_t height, bool interlaced) {
  std::vector<int64_t> lines;
  if (!interlaced)
    for (int64_t y = 0; y < height; ++y) lines.push_back(y);
  else
    for (const auto& [first, step] : {std::pair{0, 8}, {4, 8}, {2, 4}, {1, 2}})
      for (int64_t y = first; y < height; y += step) lines.push_back(y);
  return lines;
}

// Behind its mark; the picture lies somewhere on a screen of the image's size.
void read_picture(Bytes& file, Palette palette, Image& image) {
  const int64_t left = file.two(), top = file.two(), width = file.two(), height = file.two(),
                flags = file.one();
  if (width < 1 || height < 1 || left + width > image.width || top + height > image.height)
    file.fail("its picture is not within its screen");
  if ((flags & 0x80) != 0) palette = read_palette(file, flags);
  const auto pixels = read_pixels(file, static_cast<size_t>(width * height));
  for (int64_t i = 0; i < image.height * image.width; ++i)
    std::ranges::copy(palette[0], image.pixels.data() + i * Image::kChannels);
  auto pixel = pixels.begin();
  for (const int64_t y : lines_in_order(height, (flags & 0x40) != 0))
    for (int64_t x = 0; x < width; ++x)
      std::ranges::copy(palette[*pixel++], image.row(top + y) + (left + x) * Image::kChannels);
}

}  // namespace

Image decode_gif(std::span<const std::byte> bytes, const std::string& name) {
  Bytes file(bytes, name);
  file.skip(6);
  const int64_t width = file.two(), height = file.two(), flags = file.one();
  file.skip(2);
  Palette palette{};
  if ((flags & 0x80) != 0)
    palette = read_palette(file, flags);
  else
    for (size_t i = 0; i < palette.size(); ++i) palette[i].fill(static_cast<uint8_t>(i));
  for (;;) {
    const int64_t mark = file.one();
    if (mark == ',') break;
    if (mark != '!') file.fail("it has no picture");
    file.one();
    while (const int64_t size = file.one()) file.skip(size);
  }
  Image image(height, width);
  read_picture(file, palette, image);
  return image;
}

}  // namespace millrace
