#include "preprocess/image_reader.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "base/error.h"
#include "base/limits.h"
#include "base/mapped_file.h"
#include "preprocess/jpeg_decoder.h"
#include "preprocess/opencv_setup.h"
#include "preprocess/picture_header.h"

namespace millrace {
namespace {

PictureHeader checked_header(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.empty()) fail_at(ErrorKind::input, name, "is empty");
  const auto header = read_picture_header(bytes);
  if (!header)
    fail_at(ErrorKind::input, name,
            "is no picture that can be read: JPEG, PNG, WebP, BMP and TIFF can, or it is cut short");
  if (header->format == "GIF")
    fail_at(ErrorKind::input, name, "is a GIF, which is not read; JPEG, PNG, WebP, BMP and TIFF are");
  if (header->height < 1 || header->width < 1 || header->width > limits::kPixels / header->height)
    fail_at(ErrorKind::input, name, "says that it has {} x {} pixels; at most {} are read", header->height,
            header->width, limits::kPixels);
  if (const std::string damage = picture_damage(bytes); !damage.empty())
    fail_at(ErrorKind::input, name, "is a damaged {} file: {}", header->format, damage);
  return *header;
}

}  // namespace

Image decode_image(std::span<const std::byte> bytes, const std::string& name) {
  // OpenCV's decoder of JPEGs prints what it mends, and turns inks to light in another way.
  if (checked_header(bytes, name).format == "JPEG") return decode_jpeg(bytes, name);
  set_up_opencv();
  cv::Mat decoded;
  try {
    auto essential = without_colour_profiles(bytes);
    const cv::Mat file(1, static_cast<int>(essential.size()), CV_8UC1, essential.data());
    decoded = cv::imdecode(file, cv::IMREAD_COLOR);
  } catch (const cv::Exception& error) {
    fail_at(ErrorKind::input, name, "cannot be decoded: {}", error.err);
  }
  if (decoded.empty() || decoded.type() != CV_8UC3)
    fail_at(ErrorKind::input, name,
            "cannot be decoded: it is damaged, or of a kind that is not read (moving pictures)");
  Image image(decoded.rows, decoded.cols);
  for (int y = 0; y < decoded.rows; ++y) {  // blue, green, red
    const uint8_t* from = decoded.ptr<uint8_t>(y);
    uint8_t* to = image.row(y);
    for (int x = 0; x < decoded.cols; ++x, from += 3, to += 3) std::reverse_copy(from, from + 3, to);
  }
  return image;
}

Image read_image(const std::string& path) {
  const auto file = MappedFile::open(path);
  if (file->bytes().size() > limits::kPictureBytes)
    fail_at(ErrorKind::input, path, "has {} bytes; pictures of at most {} are read", file->bytes().size(),
            limits::kPictureBytes);
  return decode_image(file->bytes(), path);
}

}  // namespace millrace
