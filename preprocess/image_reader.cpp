#include "preprocess/image_reader.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "base/error.h"
#include "base/limits.h"
#include "base/mapped_file.h"
#include "preprocess/bmp_decoder.h"
#include "preprocess/gif_decoder.h"
#include "preprocess/jpeg_decoder.h"
#include "preprocess/opencv_setup.h"
#include "preprocess/picture_header.h"
#include "preprocess/tiff_decoder.h"
#include "preprocess/webp_decoder.h"

namespace millrace {
namespace {

PictureHeader checked_header(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.empty()) fail_at(ErrorKind::input, name, "is empty");
  const auto header = read_picture_header(bytes);
  if (!header)
    fail_at(ErrorKind::input, name,
            "is no picture that can be read: JPEG, PNG, WebP, BMP, TIFF and GIF can, or it is cut short");
  if (header->height < 1 || header->width < 1 || header->width > limits::kPixels / header->height)
    fail_at(ErrorKind::input, name, "says that it has {} x {} pixels; at most {} are read", header->height,
            header->width, limits::kPixels);
  if (const std::string damage = picture_damage(bytes); !damage.empty())
    fail_at(ErrorKind::input, name, "is a damaged {} file: {}", header->format, damage);
  return *header;
}

cv::Mat decode_by_opencv(std::span<const std::byte> bytes, const std::string& name, int flags) {
  set_up_opencv();
  cv::Mat decoded;
  try {
    auto essential = without_colour_profiles(bytes);
    const cv::Mat file(1, static_cast<int>(essential.size()), CV_8UC1, essential.data());
    decoded = cv::imdecode(file, flags);
  } catch (const cv::Exception& error) {
    fail_at(ErrorKind::input, name, "cannot be decoded: {}", error.err);
  }
  if (decoded.empty() || decoded.type() != (flags == cv::IMREAD_COLOR ? CV_8UC3 : CV_16UC1))
    fail_at(ErrorKind::input, name, "cannot be decoded: it is damaged");
  return decoded;
}

Image of_colours(const cv::Mat& decoded) {
  Image image(decoded.rows, decoded.cols);
  for (int y = 0; y < decoded.rows; ++y) {  // blue, green, red
    const uint8_t* from = decoded.ptr<uint8_t>(y);
    uint8_t* to = image.row(y);
    for (int x = 0; x < decoded.cols; ++x, from += 3, to += 3) std::reverse_copy(from, from + 3, to);
  }
  return image;
}

// Pillow cuts grey of 16 bits off at 255.
Image of_deep_grey(const cv::Mat& decoded) {
  Image image(decoded.rows, decoded.cols);
  for (int y = 0; y < decoded.rows; ++y) {
    uint8_t* to = image.row(y);
    for (int x = 0; x < decoded.cols; ++x, to += 3)
      std::fill_n(to, 3, static_cast<uint8_t>(std::min<int>(decoded.ptr<uint16_t>(y)[x], 255)));
  }
  return image;
}

}  // namespace

Image decode_image(std::span<const std::byte> bytes, const std::string& name) {
  const auto format = checked_header(bytes, name).format;
  // OpenCV's decoders of JPEG and BMP print what they mend or refuse; that of JPEG turns inks to light in
  // another way, that of BMP levels of 5 bits; that of TIFF rounds, mixes in what is transparent, and knows
  // fewer kinds; that of WebP takes no first picture of many.
  if (format == "JPEG") return decode_jpeg(bytes, name);
  if (format == "TIFF") return decode_tiff(bytes, name);
  if (format == "WebP") return decode_webp(bytes, name);
  if (format == "BMP") return decode_bmp(bytes, name);
  if (format == "GIF") return decode_gif(bytes, name);
  const bool deep_grey = has_deep_grey(bytes);
  const cv::Mat decoded = decode_by_opencv(bytes, name, deep_grey ? cv::IMREAD_ANYDEPTH : cv::IMREAD_COLOR);
  return deep_grey ? of_deep_grey(decoded) : of_colours(decoded);
}

Image read_image(const std::string& path) {
  const auto file = MappedFile::open(path);
  if (file->bytes().size() > limits::kPictureBytes)
    fail_at(ErrorKind::input, path, "has {} bytes; pictures of at most {} are read", file->bytes().size(),
            limits::kPictureBytes);
  return decode_image(file->bytes(), path);
}

}  // namespace millrace
