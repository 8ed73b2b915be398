#include "preprocess/patch_packer.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {

PatchPacker::PatchPacker(const PatchPackerOptions& options) : options_(options), picture_(options.picture) {}

PackedPicture PatchPacker::operator()(const Image& image) const {
  const Tensor values = picture_(image);
  const int64_t height = values.dim(1), width = values.dim(2), patch = options_.patch_size;
  const int64_t square = options_.line_order ? patch : patch * options_.merge;
  if (height % square != 0 || width % square != 0)
    fail(ErrorKind::input, "a picture of {} x {} cannot be cut into squares of {}", height, width, square);
  const int64_t rows = height / patch, columns = width / patch;
  PackedPicture result{.pixel_values = {}, .grid = {1, rows, columns}};
  const int64_t channels = Image::kChannels * options_.frames;
  result.pixel_values = options_.line_order
                            ? Tensor(DType::float32, {rows * columns, channels, patch, patch})
                            : Tensor(DType::float32, {rows * columns, channels * patch * patch});
  float* to = result.pixel_values.mutable_data<float>();
  const auto add_patch = [&](int64_t top, int64_t left) {
    for (int64_t channel = 0; channel < Image::kChannels; ++channel)
      for (int64_t frame = 0; frame < options_.frames; ++frame)
        for (int64_t y = top; y < top + patch; ++y)
          to = std::copy_n(values.data<float>() + (channel * height + y) * width + left, patch, to);
  };
  for (int64_t top = 0; top < height; top += square)
    for (int64_t left = 0; left < width; left += square)
      for (int64_t y = top; y < top + square; y += patch)
        for (int64_t x = left; x < left + square; x += patch) add_patch(y, x);
  return result;
}

}  // namespace millrace
