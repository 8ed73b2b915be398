#include "preprocess/image_processor.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"

namespace millrace {
namespace {

using Size = ImageProcessorOptions::Size;

// Python's round: halves go to the even side.
int64_t rounded(double x) { return static_cast<int64_t>(std::nearbyint(x)); }

Size keep_shape(const Image& image, int64_t shortest) {
  const bool upright = image.width <= image.height;
  const int64_t shorter = std::min(image.height, image.width), longer = std::max(image.height, image.width);
  const auto other =
      static_cast<int64_t>(static_cast<double>(shortest * longer) / static_cast<double>(shorter));
  return upright ? Size{other, shortest} : Size{shortest, other};
}

// transformers' get_size_with_aspect_ratio.
Size keep_shape(const Image& image, int64_t shortest, int64_t longest) {
  const auto height = static_cast<double>(image.height), width = static_cast<double>(image.width);
  double wanted = 0;  // before rounding, where the longer edge decides
  if (std::max(height, width) / std::min(height, width) * static_cast<double>(shortest) >
      static_cast<double>(longest)) {
    wanted = static_cast<double>(longest) * std::min(height, width) / std::max(height, width);
    shortest = rounded(wanted);
  }
  if ((image.height <= image.width && image.height == shortest) ||
      (image.width <= image.height && image.width == shortest))
    return {image.height, image.width};
  const double exact = wanted != 0 ? wanted : static_cast<double>(shortest);
  if (image.width < image.height) return {static_cast<int64_t>(exact * height / width), shortest};
  return {shortest, static_cast<int64_t>(exact * width / height)};
}

Size fit_within(const Image& image, Size most) {
  const double scale = std::min(static_cast<double>(most.height) / static_cast<double>(image.height),
                                static_cast<double>(most.width) / static_cast<double>(image.width));
  return {static_cast<int64_t>(static_cast<double>(image.height) * scale),
          static_cast<int64_t>(static_cast<double>(image.width) * scale)};
}

Size target_size(const Image& image, const ImageProcessorOptions& options) {
  using enum ImageProcessorOptions::Resize;
  switch (options.resize) {
    case none:
      return {image.height, image.width};
    case exact:
      return options.size;
    case shortest_edge:
      return keep_shape(image, options.size.height);
    case edges:
      return keep_shape(image, options.size.height, options.longest_edge);
    case within:
      break;
  }
  return fit_within(image, options.size);
}

// Where the middle of `crop` positions begins among `size`; below zero where there are fewer.
int64_t middle(int64_t size, int64_t crop, bool halves_to_even) {
  const int64_t rest = size - crop;
  if (halves_to_even) return rest >= 0 ? rounded(static_cast<double>(rest) / 2) : -(-rest / 2);
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

float value_of(int level, size_t channel, const ImageProcessorOptions& options) {
  auto value = static_cast<float>(level);
  if (options.factor) value = static_cast<float>(static_cast<double>(level) * *options.factor);
  if (options.divisor) value = static_cast<float>(level) / static_cast<float>(*options.divisor);
  if (options.minus_one) value -= 1;
  if (options.mean) value = (value - (*options.mean)[channel]) / (*options.deviation)[channel];
  if (options.divided_twice) value /= (*options.deviation)[channel];
  return value;
}

}  // namespace

ImageProcessor::ImageProcessor(ImageProcessorOptions options) : options_(std::move(options)) {
  for (size_t channel = 0; channel < values_.size(); ++channel)
    for (int level = 0; level < 256; ++level)
      values_[channel][static_cast<size_t>(level)] = value_of(level, channel, options_);
}

Tensor ImageProcessor::operator()(const Image& image) const {
  if (image.height < 1 || image.width < 1) fail(ErrorKind::input, "the picture has no pixels");
  const Size size = target_size(image, options_);
  if (size.height < 1 || size.width < 1)
    fail(ErrorKind::input, "a picture of {} x {} would become one of {} x {}", image.height, image.width,
         size.height, size.width);
  if (static_cast<double>(size.height) * static_cast<double>(size.width) >
      static_cast<double>(limits::kPixels))
    fail(ErrorKind::input, "a picture of {} x {} would become one of {} x {}, which is too large",
         image.height, image.width, size.height, size.width);
  Image seen = resize_image(image, size.height, size.width, options_.filter);
  if (options_.crop) seen = crop_middle(seen, *options_.crop, options_.rounded_middle);
  Tensor result(DType::float32, {Image::kChannels, seen.height, seen.width});
  const int64_t count = seen.height * seen.width;
  for (size_t channel = 0; channel < values_.size(); ++channel) {
    // Blue comes first with red's mean and deviation.
    const uint8_t* level = seen.pixels.data() + (options_.blue_first ? 2 - channel : channel);
    float* to = result.mutable_data<float>() + static_cast<int64_t>(channel) * count;
    for (int64_t i = 0; i < count; ++i, level += Image::kChannels) to[i] = values_[channel][*level];
  }
  return result;
}

std::optional<ImageProcessorOptions> read_image_processor(const std::filesystem::path& folder) {
  const auto read = [](const std::filesystem::path& path) {
    return read_json(path, ErrorKind::model, limits::kConfigBytes);
  };
  if (const auto path = folder / "preprocessor_config.json"; path_exists(path)) {
    const auto config = read(path);
    // Of sound, where it says so.
    if (config.is_object() && !config.contains("feature_size"))
      return image_processor_options(config, path.string());
    return std::nullopt;
  }
  if (const auto path = folder / "processor_config.json"; path_exists(path)) {
    const auto config = read(path);
    if (config.is_object() && config.contains("image_processor"))
      return image_processor_options(config["image_processor"], path.string());
  }
  if (const auto path = folder / "config.json"; path_exists(path)) {
    const auto config = read(path);
    if (config.is_object() && config.contains("pretrained_cfg"))
      return image_processor_options(config["pretrained_cfg"], path.string());
  }
  return std::nullopt;
}

}  // namespace millrace
