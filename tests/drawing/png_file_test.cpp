#include "drawing/png_file.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "preprocess/image_reader.h"

namespace millrace {
namespace {

cv::Mat decoded(const std::string& png) {
  const std::vector<uint8_t> bytes(png.begin(), png.end());
  return cv::imdecode(bytes, cv::IMREAD_UNCHANGED);
}

TEST(PngFile, OfAPictureReadsAsThePicture) {
  Image image(7, 11);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(i * 37);
  const std::string png = encode_png(image);
  EXPECT_EQ(decode_image(std::as_bytes(std::span(png)), "x.png").pixels, image.pixels);
}

TEST(PngFile, OfClassesHoldsTheirIndices) {
  ClassMap map(2, 3);
  map.classes = {0, 7, 255, 3, 3, 1};
  const cv::Mat narrow = decoded(encode_png(map, 256));
  ASSERT_EQ(narrow.type(), CV_8UC1);
  EXPECT_EQ(std::vector<uint16_t>(narrow.begin<uint8_t>(), narrow.end<uint8_t>()), map.classes);
  map.classes[1] = 40000;
  const cv::Mat wide = decoded(encode_png(map, 50000));
  ASSERT_EQ(wide.type(), CV_16UC1);
  EXPECT_EQ(std::vector<uint16_t>(wide.begin<uint16_t>(), wide.end<uint16_t>()), map.classes);
  EXPECT_EQ(decoded(encode_png(ClassMap(2, 2), 257)).type(), CV_16UC1);
}

}  // namespace
}  // namespace millrace
