#include "preprocess/image_resize.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace millrace {
namespace {

constexpr int kPrecision = 32 - 8 - 2;  // bits behind the point
constexpr int64_t kChannels = Image::kChannels;

double sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

double hamming(double x) {
  x = std::abs(x);
  if (x == 0) return 1;
  if (x >= 1) return 0;
  x *= std::numbers::pi;
  return std::sin(x) / x * (0.54F + 0.46F * std::cos(x));  // Pillow's numbers are of single precision
}

double weight_at(ImageFilter filter, double x) {
  switch (filter) {
    case ImageFilter::box:
      return x > -0.5 && x <= 0.5 ? 1 : 0;
    case ImageFilter::bilinear:
      return std::max(1 - std::abs(x), 0.);
    case ImageFilter::hamming:
      return hamming(x);
    case ImageFilter::bicubic:
      return bicubic(x);
    case ImageFilter::lanczos:
      return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    case ImageFilter::nearest:
      break;
  }
  return 0;
}

double support_of(ImageFilter filter) {
  switch (filter) {
    case ImageFilter::box:
      return 0.5;
    case ImageFilter::bicubic:
      return 2;
    case ImageFilter::lanczos:
      return 3;
    default:
      return 1;
  }
}

// The pixels along one axis that make one of the result, and their parts in fixed point.
struct Taps {
  int64_t first = 0;
  std::vector<int32_t> weights;
};

std::vector<Taps> taps_of(int64_t from, int64_t to, ImageFilter filter) {
  const double scale = static_cast<double>(from) / static_cast<double>(to), stretch = std::max(scale, 1.);
  const double support = support_of(filter) * stretch;
  std::vector<Taps> result;
  std::vector<double> weights;
  for (int64_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const auto first = std::max<int64_t>(static_cast<int64_t>(centre - support + 0.5), 0);
    const auto last = std::min(static_cast<int64_t>(centre + support + 0.5), from);
    double sum = 0;
    weights.clear();
    for (int64_t k = first; k < last; ++k) {
      weights.push_back(weight_at(filter, (static_cast<double>(k) - centre + 0.5) * (1 / stretch)));
      sum += weights.back();
    }
    Taps taps{.first = first, .weights = {}};
    for (double weight : weights) {
      if (sum != 0) weight /= sum;
      taps.weights.push_back(static_cast<int32_t>((weight < 0 ? -0.5 : 0.5) + weight * (1 << kPrecision)));
    }
    result.push_back(std::move(taps));
  }
  return result;
}

uint8_t rounded(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kPrecision, 0, 255)); }

constexpr int32_t kHalf = 1 << (kPrecision - 1);

// Rows [first, last) of the picture, in another width.
Image resize_rows(const Image& image, int64_t first, int64_t last, const std::vector<Taps>& columns) {
  Image result(last - first, static_cast<int64_t>(columns.size()));
  for (int64_t y = 0; y < result.height; ++y) {
    const uint8_t* from = image.row(first + y);
    uint8_t* to = result.row(y);
    for (const Taps& taps : columns) {
      int32_t red = kHalf, green = kHalf, blue = kHalf;
      const uint8_t* pixel = from + taps.first * kChannels;
      for (const int32_t weight : taps.weights) {
        red += pixel[0] * weight;
        green += pixel[1] * weight;
        blue += pixel[2] * weight;
        pixel += kChannels;
      }
      *to++ = rounded(red);
      *to++ = rounded(green);
      *to++ = rounded(blue);
    }
  }
  return result;
}

// The picture, which begins at row `first` of what `rows` counts, in another height.
Image resize_columns(const Image& image, int64_t first, const std::vector<Taps>& rows) {
  Image result(static_cast<int64_t>(rows.size()), image.width);
  const auto values = static_cast<size_t>(image.width * kChannels);
  std::vector<int32_t> sums(values);
  for (int64_t y = 0; y < result.height; ++y) {
    const Taps& taps = rows[static_cast<size_t>(y)];
    std::ranges::fill(sums, kHalf);
    for (size_t k = 0; k < taps.weights.size(); ++k) {
      const uint8_t* from = image.row(taps.first - first + static_cast<int64_t>(k));
      const int32_t weight = taps.weights[k];
      for (size_t i = 0; i < values; ++i) sums[i] += from[i] * weight;
    }
    std::ranges::transform(sums, result.row(y), rounded);
  }
  return result;
}

// The nearest pixel; positions are summed up, as Pillow does.
Image pick_pixels(const Image& image, int64_t height, int64_t width) {
  const auto picked = [](int64_t from, int64_t to) {
    std::vector<int64_t> indices;
    const double scale = static_cast<double>(from) / static_cast<double>(to);
    double position = scale * 0.5;
    for (int64_t i = 0; i < to; ++i, position += scale)
      indices.push_back(std::min(static_cast<int64_t>(position), from - 1));
    return indices;
  };
  Image result(height, width);
  const auto columns = picked(image.width, width);
  uint8_t* to = result.pixels.data();
  for (const int64_t y : picked(image.height, height))
    for (const int64_t x : columns) to = std::copy_n(image.row(y) + x * kChannels, kChannels, to);
  return result;
}

}  // namespace

Image resize_image(const Image& image, int64_t height, int64_t width, ImageFilter filter) {
  if (height == image.height && width == image.width) return image;
  if (filter == ImageFilter::nearest) return pick_pixels(image, height, width);
  const auto rows = taps_of(image.height, height, filter);
  if (width == image.width) return resize_columns(image, 0, rows);
  const auto columns = taps_of(image.width, width, filter);
  if (height == image.height) return resize_rows(image, 0, image.height, columns);
  // Pillow's order, which decides how often levels are rounded; since Pillow 13 it depends on the sizes.
  if (height < image.height && image.height - height > 2 * (image.width - width))
    return resize_rows(resize_columns(image, 0, rows), 0, height, columns);
  // Only the rows that are looked at again.
  const int64_t first = rows.front().first;
  const int64_t last = rows.back().first + std::ssize(rows.back().weights);
  return resize_columns(resize_rows(image, first, last, columns), first, rows);
}

}  // namespace millrace
