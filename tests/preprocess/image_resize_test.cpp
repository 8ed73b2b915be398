#include "preprocess/image_resize.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/safetensors.h"

namespace millrace {
namespace {

Image image_of(const Tensor& tensor) {
  Image image(tensor.dim(0), tensor.dim(1));
  std::ranges::copy(tensor.values<uint8_t>(), image.pixels.begin());
  return image;
}

TEST(ImageResize, EqualsPillowLevelForLevel) {
  constexpr std::pair<const char*, ImageFilter> kFilters[] = {
      {"nearest", ImageFilter::nearest},   {"lanczos", ImageFilter::lanczos},
      {"bilinear", ImageFilter::bilinear}, {"bicubic", ImageFilter::bicubic},
      {"box", ImageFilter::box},           {"hamming", ImageFilter::hamming}};
  const auto golden = open_checkpoint(MILLRACE_SOURCE_DIR "/tests/golden/preprocess/resize.safetensors");
  int compared = 0;
  for (int number = 0; golden->has(std::to_string(number) + ".in"); ++number) {
    const Image image = image_of(golden->get(std::to_string(number) + ".in"));
    for (const auto& [name, filter] : kFilters) {
      const Image expected = image_of(golden->get(std::to_string(number) + "." + name));
      const Image resized = resize_image(image, expected.height, expected.width, filter);
      EXPECT_EQ(resized.pixels, expected.pixels) << number << " by " << name;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 78);
}

}  // namespace
}  // namespace millrace
