#include "preprocess/image_processor.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"
#include "preprocess/image_target_size.h"
#include "preprocess/processor_file.h"

namespace millrace {
namespace {

using Size = ImageProcessorOptions::Size;

// Where the middle of `crop` positions begins among `size`; below zero where there are fewer.
int64_t middle(int64_t size, int64_t crop, bool halves_to_even) {
  const int64_t rest = size - crop;
  if (halves_to_even) return rest >= 0 ? std::llrint(static_cast<double>(rest) / 2) : -(-rest / 2);
  // Padding of a smaller picture is larger before it, as is what a larger one loses behind it.
  return rest >= 0 ? rest / 2 : -((-rest + 1) / 2);
}

Image crop_middle(const Image& image, Size crop, bool halves_to_even) {
  Image result(crop.height, crop.width);
  const int64_t top = middle(image.height, crop.height, halves_to_even),
                left = middle(image.width, crop.width, halves_to_even);
  const int64_t from = std::max<int64_t>(left, 0), to = std::min(left + crop.width, image.width);
  for (int64_t y = std::max<int64_t>(top, 0); y < std::min(top + crop.height, image.height); ++y)
    std::copy_n(image.row(y) + from * Image::kChannels, (to - from) * Image::kChannels,
                result.row(y - top) + (from - left) * Image::kChannels);
  return result;
}

void check_size(const Image& image, Size size) {
  if (size.height < 1 || size.width < 1)
    fail(ErrorKind::input, "a picture of {} x {} would become one of {} x {}", image.height, image.width,
         size.height, size.width);
  if (static_cast<double>(size.height) * static_cast<double>(size.width) >
      static_cast<double>(limits::kPixels))
    fail(ErrorKind::input, "a picture of {} x {} would become one of {} x {}, which is too large",
         image.height, image.width, size.height, size.width);
}

Image in_square(const Image& image, const std::array<uint8_t, 3>& colour) {
  if (image.height == image.width) return image;
  const int64_t edge = std::max(image.height, image.width);
  check_size(image, {edge, edge});
  Image result(edge, edge);
  for (size_t i = 0; i < result.pixels.size(); ++i) result.pixels[i] = colour[i % colour.size()];
  const int64_t top = (edge - image.height) / 2, left = (edge - image.width) / 2;
  for (int64_t y = 0; y < image.height; ++y)
    std::copy_n(image.row(y), image.width * Image::kChannels, result.row(top + y) + left * Image::kChannels);
  return result;
}

float value_of(int level, size_t channel, const ImageProcessorOptions& options) {
  auto value = static_cast<float>(level);
  if (options.factor) value = static_cast<float>(static_cast<double>(level) * *options.factor);
  if (options.divisor) value = static_cast<float>(level) / static_cast<float>(*options.divisor);
  if (options.minus_one) value -= 1;
  if (options.mean) value = (value - (*options.mean)[channel]) / (*options.deviation)[channel];
  if (options.divided_twice) value /= (*options.deviation)[channel];
  return value;
}

// The prepared picture among the numbers that go out.
struct Frame {
  Size seen, whole;
  int64_t top = 0, left = 0;
};

// Before it is cropped.
Size resized_size(const Image& image, const ImageProcessorOptions& options) {
  const int64_t edge = options.square ? std::max(image.height, image.width) : 0;
  return target_size(std::max(image.height, edge), std::max(image.width, edge), options);
}

Frame frame_of(const Image& image, const ImageProcessorOptions& options) {
  if (image.height < 1 || image.width < 1) fail(ErrorKind::input, "the picture has no pixels");
  const Size resized = resized_size(image, options);
  check_size(image, resized);
  Frame frame{.seen = options.crop.value_or(resized), .whole = options.pad.value_or(Size{})};
  if (!options.pad) {
    const auto up = [&](int64_t edge) {
      return (edge + options.pad_multiple - 1) / options.pad_multiple * options.pad_multiple;
    };
    frame.whole = {up(frame.seen.height), up(frame.seen.width)};
    frame.top = (frame.whole.height - frame.seen.height) / 2;
    frame.left = (frame.whole.width - frame.seen.width) / 2;
  }
  if (frame.whole.height < frame.seen.height || frame.whole.width < frame.seen.width)
    fail(ErrorKind::input,
         "a picture of {} x {} would become one of {} x {}, which is padded to {} x {} only", image.height,
         image.width, frame.seen.height, frame.seen.width, frame.whole.height, frame.whole.width);
  check_size(image, frame.whole);
  return frame;
}

}  // namespace

ImageProcessor::ImageProcessor(ImageProcessorOptions options) : options_(std::move(options)) {
  for (size_t channel = 0; channel < values_.size(); ++channel)
    for (int level = 0; level < 256; ++level)
      values_[channel][static_cast<size_t>(level)] = value_of(level, channel, options_);
}

Tensor ImageProcessor::operator()(const Image& image) const {
  const Frame frame = frame_of(image, options_);
  const Size size = resized_size(image, options_);
  Image seen = options_.square ? in_square(image, *options_.square) : image;
  seen = resize_image(seen, size.height, size.width, options_.filter);
  if (options_.crop) seen = crop_middle(seen, *options_.crop, options_.rounded_middle);
  const auto [height, width] = frame.whole;
  Tensor result(DType::float32, {Image::kChannels, height, width});
  if (height != seen.height || width != seen.width)
    std::fill_n(result.mutable_data<float>(), Image::kChannels * height * width, 0.F);
  for (size_t channel = 0; channel < values_.size(); ++channel) {
    float* plane = result.mutable_data<float>() + static_cast<int64_t>(channel) * height * width;
    for (int64_t y = 0; y < seen.height; ++y) {
      // Blue comes first with red's mean and deviation.
      const uint8_t* level = seen.row(y) + (options_.blue_first ? 2 - channel : channel);
      float* to = plane + (frame.top + y) * width + frame.left;
      for (int64_t x = 0; x < seen.width; ++x, level += Image::kChannels) to[x] = values_[channel][*level];
    }
  }
  return result;
}

std::optional<Tensor> ImageProcessor::pixel_mask(const Image& image) const {
  if (!options_.mask) return std::nullopt;
  const auto [seen, whole, top, left] = frame_of(image, options_);
  Tensor mask(DType::int64, {whole.height, whole.width});
  auto* to = mask.mutable_data<int64_t>();
  for (int64_t y = 0; y < whole.height; ++y)
    for (int64_t x = 0; x < whole.width; ++x)
      *to++ = y >= top && y < top + seen.height && x >= left && x < left + seen.width;
  return mask;
}

std::optional<ImageProcessorOptions> read_image_processor(const std::filesystem::path& folder) {
  if (const auto part = read_processor_part(folder, {"image_processor"})) {
    // Of sound, where it says so.
    if (part->has_own_file && (!part->config.is_object() || part->config.contains("feature_size")))
      return std::nullopt;
    return image_processor_options(part->config, part->file);
  }
  if (const auto path = folder / "config.json"; path_exists(path)) {
    const auto config = read_json(path, ErrorKind::model, limits::kConfigBytes);
    if (config.is_object() && config.contains("pretrained_cfg"))
      return image_processor_options(config["pretrained_cfg"], path.string());
  }
  return std::nullopt;
}

}  // namespace millrace
