#include "preprocess/image_target_size.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

using Size = ImageProcessorOptions::Size;

struct Edges {
  double height, width;
};

Edges edges_of(Size size) { return {static_cast<double>(size.height), static_cast<double>(size.width)}; }

// Python's round: halves go to the even side.
int64_t rounded(double x) { return std::llrint(x); }

// transformers' get_resize_output_image_size.
Size keep_shape(Size image, int64_t shortest) {
  const auto [shorter, longer] = std::minmax(image.height, image.width);
  const auto other =
      static_cast<int64_t>(static_cast<double>(shortest * longer) / static_cast<double>(shorter));
  return image.width <= image.height ? Size{other, shortest} : Size{shortest, other};
}

// transformers' get_size_with_aspect_ratio.
Size keep_shape(Size image, int64_t shortest, int64_t longest, bool stays_as_it_is) {
  const auto [height, width] = edges_of(image);
  auto exact = static_cast<double>(shortest);  // before rounding
  if (std::max(height, width) / std::min(height, width) * exact > static_cast<double>(longest)) {
    exact = static_cast<double>(longest) * std::min(height, width) / std::max(height, width);
    shortest = rounded(exact);
  }
  if (stays_as_it_is && std::min(image.height, image.width) == shortest) return image;
  if (image.width < image.height) return {static_cast<int64_t>(exact * height / width), shortest};
  return {shortest, static_cast<int64_t>(exact * width / height)};
}

// YOLOS's, whose upright pictures are computed even if they have the size already.
Size in_sixteens(Size image, int64_t shortest, int64_t longest) {
  const Size size = keep_shape(image, shortest, longest, image.height <= image.width);
  return {size.height - size.height % 16, size.width - size.width % 16};
}

Size fit_within(Size image, Size most) {
  const auto [height, width] = edges_of(image);
  const double scale = std::min(edges_of(most).height / height, edges_of(most).width / width);
  return {static_cast<int64_t>(height * scale), static_cast<int64_t>(width * scale)};
}

// DPT's.
Size to_multiples(Size image, const ImageProcessorOptions& options) {
  const auto [height, width] = edges_of(image);
  Edges scale{edges_of(options.size).height / height, edges_of(options.size).width / width};
  if (options.keep_shape) {
    const bool fits_width = std::abs(1 - scale.width) < std::abs(1 - scale.height);
    scale.height = scale.width = fits_width ? scale.width : scale.height;
  }
  const auto nearest = [&](double edge) {
    return rounded(edge / static_cast<double>(options.multiple)) * options.multiple;
  };
  return {nearest(scale.height * height), nearest(scale.width * width)};
}

// PaddleOCR-VL's.
Edges to_least_edge(Edges image, double least) {
  if (image.height < least) image = {least, std::nearbyint(image.width * least / image.height)};
  if (image.width < least) image = {std::nearbyint(image.height * least / image.width), least};
  return image;
}

// Qwen2-VL's smart_resize.
Size to_area(Size size, const ImageProcessorOptions& options) {
  const auto multiple = static_cast<double>(options.multiple);
  const Edges image = options.at_least_multiple ? to_least_edge(edges_of(size), multiple) : edges_of(size);
  constexpr double kLongest = 200;
  if (std::max(image.height, image.width) / std::min(image.height, image.width) > kLongest)
    fail(ErrorKind::input, "a picture of {} x {} is too long: one edge is more than {} times the other",
         size.height, size.width, kLongest);
  const Size near = {rounded(image.height / multiple) * options.multiple,
                     rounded(image.width / multiple) * options.multiple};
  const auto least = static_cast<double>(options.least_pixels),
             most = static_cast<double>(options.most_pixels);
  const double area = edges_of(near).height * edges_of(near).width;
  if (area > most) {
    const double scale = std::sqrt(image.height * image.width / most);
    const auto down = [&](double edge) {
      return std::max(options.multiple,
                      static_cast<int64_t>(std::floor(edge / scale / multiple)) * options.multiple);
    };
    return {down(image.height), down(image.width)};
  }
  if (area >= least) return near;
  const double scale = std::sqrt(least / (image.height * image.width));
  const auto up = [&](double edge) {
    return static_cast<int64_t>(std::ceil(edge * scale / multiple)) * options.multiple;
  };
  return {up(image.height), up(image.width)};
}

}  // namespace

Size target_size(int64_t height, int64_t width, const ImageProcessorOptions& options) {
  using enum ImageProcessorOptions::Resize;
  const Size image{height, width};
  switch (options.resize) {
    case none:
      return image;
    case exact:
      return options.size;
    case shortest_edge:
      return keep_shape(image, options.size.height);
    case edges:
      return keep_shape(image, options.size.height, options.longest_edge, true);
    case edges_in_sixteens:
      return in_sixteens(image, options.size.height, options.longest_edge);
    case within:
      return fit_within(image, options.size);
    case area:
      return to_area(image, options);
    case multiples:
      break;
  }
  return to_multiples(image, options);
}

}  // namespace millrace
