#include "preprocess/tiff_decoder.h"

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "preprocess/image_orientation.h"
#include "preprocess/ink_colours.h"

namespace millrace {
namespace {

// A file in memory, and libtiff's first words of what is wrong with it.
struct Source {
  std::span<const std::byte> bytes;
  uint64_t at = 0;
  std::array<char, 256> error{};
};

tmsize_t read_bytes(thandle_t handle, void* to, tmsize_t count) {
  auto& source = *static_cast<Source*>(handle);
  const uint64_t left = source.at < source.bytes.size() ? source.bytes.size() - source.at : 0;
  const uint64_t some = std::min(left, static_cast<uint64_t>(count));
  if (some > 0) std::memcpy(to, source.bytes.data() + source.at, some);
  source.at += some;
  return static_cast<tmsize_t>(some);
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto& source = *static_cast<Source*>(handle);
  source.at = whence == SEEK_CUR   ? source.at + offset
              : whence == SEEK_END ? source.bytes.size() + offset
                                   : offset;
  return source.at;
}

int keep_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  auto& error = static_cast<Source*>(user)->error;
  if (error[0] == '\0') std::vsnprintf(error.data(), error.size(), format, arguments);
  return 1;
}

// Most are of no concern, but not that a tag lies behind the end, of which libtiff makes another picture.
int keep_warning(TIFF* tiff, void* user, const char* module, const char* format, va_list arguments) {
  if (std::string_view(format).starts_with("IO error")) keep_error(tiff, user, module, format, arguments);
  return 1;
}

struct Closed {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using Handle = std::unique_ptr<TIFF, Closed>;

Handle open(Source& source) {
  const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                             TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_warning, &source);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), static_cast<tmsize_t>(limits::kPictureBytes));
  const auto write = [](thandle_t, void*, tmsize_t) -> tmsize_t { return -1; };
  const auto close = [](thandle_t) { return 0; };
  const auto size = [](thandle_t handle) -> toff_t { return static_cast<Source*>(handle)->bytes.size(); };
  return Handle(TIFFClientOpenExt("", "rm", &source, read_bytes, write, seek, close, size, nullptr, nullptr,
                                  options.get()));
}

enum class Colours { grey, palette, light, inks };

class Decoder {
 public:
  Decoder(std::span<const std::byte> bytes, const std::string& name)
      : source_{.bytes = bytes}, name_(name), tiff_(open(source_)) {
    if (!tiff_ || source_.error[0] != '\0') fail("its directory cannot be read");
    height_ = field<uint32_t>(TIFFTAG_IMAGELENGTH, 0);
    width_ = field<uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
    if (height_ < 1 || width_ < 1 || width_ > limits::kPixels / height_) fail("its size is wrong");
    bits_ = field<uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
    samples_ = field<uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
    photometric_ = field<uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    separate_ = field<uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
    if (photometric_ == PHOTOMETRIC_YCBCR && field<uint16_t>(TIFFTAG_COMPRESSION, 1) == COMPRESSION_JPEG) {
      TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      photometric_ = PHOTOMETRIC_RGB;
    }
  }

  int orientation() const { return field<uint16_t>(TIFFTAG_ORIENTATION, 1); }

  Image decode() {
    if (photometric_ == PHOTOMETRIC_YCBCR) {
      Image image(height_, width_);
      decode_by_library(image);
      return image;
    }
    colours_ = colours_of();
    choose_blocks();
    Image image(height_, width_);
    for (int64_t y = 0; y < height_; y += block_height_)
      for (int64_t x = 0; x < width_; x += block_width_) decode_block(y, x, image);
    return image;
  }

 private:
  [[noreturn]] void fail(std::string_view why) const {
    const std::string_view words = source_.error.data();
    fail_at(ErrorKind::input, name_, "is a damaged TIFF file: {}", words.empty() ? why : words);
  }

  template <class T>
  T field(uint32_t tag, T otherwise) const {
    T value{};
    return TIFFGetFieldDefaulted(tiff_.get(), tag, &value) != 0 ? value : otherwise;
  }

  // And whether there are so many samples of so many bits.
  Colours colours_of() {
    const bool whole = bits_ == 8 || bits_ == 16, part = bits_ == 1 || bits_ == 2 || bits_ == 4;
    const bool counts = field<uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT) == SAMPLEFORMAT_UINT;
    uint16_t count = 0, *kinds = nullptr;
    if (TIFFGetField(tiff_.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds) != 0 && count > 0)
      premultiplied_ = kinds[0] == EXTRASAMPLE_ASSOCALPHA && photometric_ == PHOTOMETRIC_RGB && samples_ > 3;
    if (counts && photometric_ <= PHOTOMETRIC_MINISBLACK && (samples_ == 1 ? whole || part : bits_ == 8))
      return Colours::grey;
    if (counts && photometric_ == PHOTOMETRIC_RGB && samples_ >= 3 && whole) return Colours::light;
    if (counts && photometric_ == PHOTOMETRIC_SEPARATED && samples_ >= 4 && whole) return Colours::inks;
    if (counts && photometric_ == PHOTOMETRIC_PALETTE && (samples_ == 1 ? bits_ == 8 || part : bits_ == 8) &&
        TIFFGetField(tiff_.get(), TIFFTAG_COLORMAP, &palette_[0], &palette_[1], &palette_[2]) != 0)
      return Colours::palette;
    fail_at(ErrorKind::input, name_,
            "is a TIFF of a kind that is not read: {} samples of {} bits, photometric interpretation {}",
            samples_, bits_, photometric_);
  }

  void choose_blocks() {
    tiled_ = TIFFIsTiled(tiff_.get()) != 0;
    block_height_ =
        tiled_ ? field<uint32_t>(TIFFTAG_TILELENGTH, 0) : field<uint32_t>(TIFFTAG_ROWSPERSTRIP, UINT32_MAX);
    block_width_ = tiled_ ? field<uint32_t>(TIFFTAG_TILEWIDTH, 0) : width_;
    if (!tiled_) block_height_ = std::min(block_height_, height_);
    const tmsize_t size = tiled_ ? TIFFTileSize(tiff_.get()) : TIFFStripSize(tiff_.get());
    line_bytes_ = tiled_ ? TIFFTileRowSize(tiff_.get()) : TIFFScanlineSize(tiff_.get());
    const int64_t needed = (block_width_ * bits_ * (separate_ ? 1 : samples_) + 7) / 8;
    if (block_height_ < 1 || block_width_ < 1 || size < 1 ||
        size > static_cast<tmsize_t>(limits::kPictureBytes) || line_bytes_ < needed ||
        size / line_bytes_ < block_height_)
      fail("the size of its parts is wrong");
    const bool packed = field<uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE) != COMPRESSION_NONE;
    if (!packed && needed * std::max(block_height_, height_) > std::ssize(source_.bytes))
      fail("it is cut short");
    planes_.assign(separate_ ? samples_ : 1, std::vector<uint8_t>(static_cast<size_t>(size)));
  }

  void decode_block(int64_t top, int64_t left, Image& image) {
    const int64_t lines = std::min(block_height_, height_ - top),
                  columns = std::min(block_width_, width_ - left);
    for (size_t plane = 0; plane < planes_.size(); ++plane) {
      auto& to = planes_[plane];
      const auto y = static_cast<uint32_t>(top), x = static_cast<uint32_t>(left);
      const auto sample = static_cast<uint16_t>(plane);
      const auto size = static_cast<tmsize_t>(to.size());
      const tmsize_t got =
          tiled_
              ? TIFFReadEncodedTile(tiff_.get(), TIFFComputeTile(tiff_.get(), x, y, 0, sample), to.data(),
                                    size)
              : TIFFReadEncodedStrip(tiff_.get(), TIFFComputeStrip(tiff_.get(), y, sample), to.data(), size);
      if (got < lines * line_bytes_) fail("a part of it is cut short");
    }
    for (int64_t y = 0; y < lines; ++y) {
      uint8_t* to = image.row(top + y) + left * Image::kChannels;
      for (int64_t x = 0; x < columns; ++x, to += Image::kChannels) put_pixel(y, x, to);
    }
  }

  int sample(int64_t y, int64_t x, int number) const {
    const auto& plane = planes_[separate_ ? static_cast<size_t>(number) : 0];
    const int64_t place = separate_ ? x : x * samples_ + number;
    const uint8_t* line = plane.data() + y * line_bytes_;
    if (bits_ == 8) return line[place];
    if (bits_ == 16) {
      uint16_t value;
      std::memcpy(&value, line + 2 * place, sizeof value);
      return value;
    }
    const int64_t bit = place * bits_;
    return line[bit / 8] >> (8 - bits_ - bit % 8) & ((1 << bits_) - 1);
  }

  // Of 16 bits the upper ones.
  int level(int64_t y, int64_t x, int number) const { return sample(y, x, number) >> (bits_ == 16 ? 8 : 0); }

  uint8_t grey(int64_t y, int64_t x) const {
    const int value = sample(y, x, 0);
    // Pillow cuts values of 16 bits off, whatever is white.
    if (bits_ == 16) return static_cast<uint8_t>(std::min(value, 255));
    const int shown = value * (255 / ((1 << bits_) - 1));
    return static_cast<uint8_t>(photometric_ == PHOTOMETRIC_MINISWHITE ? 255 - shown : shown);
  }

  void put_pixel(int64_t y, int64_t x, uint8_t* to) const {
    for (int c = 0; c < Image::kChannels; ++c) {
      if (colours_ == Colours::grey)
        to[c] = grey(y, x);
      else if (colours_ == Colours::palette)
        to[c] = static_cast<uint8_t>(palette_[static_cast<size_t>(c)][sample(y, x, 0)] >> 8);
      else if (colours_ == Colours::inks)
        to[c] = light_behind(level(y, x, c), level(y, x, 3));
      else
        to[c] = static_cast<uint8_t>(light(y, x, c));
    }
  }

  int light(int64_t y, int64_t x, int c) const {
    const int value = level(y, x, c);
    if (!premultiplied_) return value;
    const int alpha = level(y, x, 3);
    return alpha > 0 ? std::min(value * 255 / alpha, 255) : 0;
  }

  // Colours apart from brightness, without JPEG's compression.
  void decode_by_library(Image& image) {
    std::vector<uint32_t> pixels(static_cast<size_t>(height_ * width_));
    if (TIFFReadRGBAImageOriented(tiff_.get(), static_cast<uint32_t>(width_), static_cast<uint32_t>(height_),
                                  pixels.data(), ORIENTATION_TOPLEFT, 1) == 0)
      fail("its pixels cannot be read");
    uint8_t* to = image.pixels.data();
    for (const uint32_t pixel : pixels)
      for (const auto value : {TIFFGetR(pixel), TIFFGetG(pixel), TIFFGetB(pixel)})
        *to++ = static_cast<uint8_t>(value);
  }

  Source source_;
  const std::string& name_;
  Handle tiff_;
  int64_t height_ = 0, width_ = 0, block_height_ = 0, block_width_ = 0, line_bytes_ = 0;
  int bits_ = 0, samples_ = 0, photometric_ = 0;
  bool separate_ = false, tiled_ = false, premultiplied_ = false;
  Colours colours_ = Colours::grey;
  std::array<uint16_t*, 3> palette_{};
  std::vector<std::vector<uint8_t>> planes_;  // a block of all samples, or of each
};

}  // namespace

Image decode_tiff(std::span<const std::byte> bytes, const std::string& name) {
  Decoder decoder(bytes, name);
  const Image image = decoder.decode();
  return turned(image, decoder.orientation());
}

}  // namespace millrace
