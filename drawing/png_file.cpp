#include "drawing/png_file.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "base/error.h"

namespace millrace {
namespace {

std::string encoded(const cv::Mat& picture) {
  std::vector<uint8_t> bytes;
  try {
    if (cv::imencode(".png", picture, bytes)) return {bytes.begin(), bytes.end()};
  } catch (const cv::Exception& error) {
    fail(ErrorKind::internal, "a picture of {} x {} cannot be written as PNG: {}", picture.rows, picture.cols,
         error.err);
  }
  fail(ErrorKind::internal, "a picture of {} x {} cannot be written as PNG", picture.rows, picture.cols);
}

}  // namespace

std::string encode_png(const Image& image) {
  const cv::Mat red_first(static_cast<int>(image.height), static_cast<int>(image.width), CV_8UC3,
                          const_cast<uint8_t*>(image.pixels.data()));
  cv::Mat blue_first;
  cv::cvtColor(red_first, blue_first, cv::COLOR_RGB2BGR);
  return encoded(blue_first);
}

std::string encode_png(const ClassMap& map, int64_t labels) {
  const cv::Mat wide(static_cast<int>(map.height), static_cast<int>(map.width), CV_16UC1,
                     const_cast<uint16_t*>(map.classes.data()));
  if (labels > 256) return encoded(wide);
  cv::Mat narrow;
  wide.convertTo(narrow, CV_8U);
  return encoded(narrow);
}

}  // namespace millrace
