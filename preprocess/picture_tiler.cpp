#include "preprocess/picture_tiler.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/limits.h"

namespace millrace {
namespace {

using Size = PictureTilerOptions::Size;

double ratio(int64_t a, int64_t b) { return static_cast<double>(a) / static_cast<double>(b); }
int64_t whole_part(double x) { return static_cast<int64_t>(x); }
int64_t up_to_multiple(int64_t size, int64_t of) { return (size + of - 1) / of * of; }

Image resized(const Image& image, Size size, ImageFilter filter) {
  if (ratio(size.height, 1) * ratio(size.width, 1) > static_cast<double>(limits::kPixels))
    fail(ErrorKind::input, "a picture of {} x {} would become one of {} x {}, which is too large",
         image.height, image.width, size.height, size.width);
  return resize_image(image, size.height, size.width, filter);
}

// Rows and columns of `image` from (top, left) on.
Image part(const Image& image, int64_t top, int64_t left, Size size) {
  Image result(size.height, size.width);
  for (int64_t y = 0; y < size.height; ++y)
    std::copy_n(image.row(top + y) + left * Image::kChannels, size.width * Image::kChannels, result.row(y));
  return result;
}

// With the longer edge `longest`, and the other even.
Size to_longest_edge(Size size, int64_t longest) {
  constexpr int64_t kMost = 4096;
  const double shape = ratio(size.width, size.height);
  const auto even = [](double x) { return std::max<int64_t>(1, whole_part(x) + whole_part(x) % 2); };
  const auto edge = static_cast<double>(longest);
  size = size.width >= size.height ? Size{even(edge / shape), longest} : Size{longest, even(edge * shape)};
  const double now = ratio(size.width, size.height), most = kMost;
  if (size.width >= size.height && size.width > kMost)
    return {std::max<int64_t>(1, whole_part(most / now)), kMost};
  if (size.height > kMost) return {kMost, std::max<int64_t>(1, whole_part(most * now))};
  return size;
}

// Up to whole tiles, first along the longer edge.
Size to_whole_tiles(Size size, int64_t edge) {
  const double shape = ratio(size.width, size.height);
  if (size.width >= size.height) {
    size.width = up_to_multiple(size.width, edge);
    size.height = up_to_multiple(whole_part(static_cast<double>(size.width) / shape), edge);
  } else {
    size.height = up_to_multiple(size.height, edge);
    size.width = up_to_multiple(whole_part(static_cast<double>(size.height) * shape), edge);
  }
  return size;
}

// The largest size of the picture's shape that fits.
Size fitted(Size size, Size into) {
  const double across = ratio(into.width, size.width), down = ratio(into.height, size.height);
  const auto up = [](int64_t edge, double scale) {
    return whole_part(std::ceil(static_cast<double>(edge) * scale));
  };
  if (across < down) return {std::min(up(size.height, across), into.height), into.width};
  return {into.height, std::min(up(size.width, down), into.width)};
}

// In the middle of black; an odd rest is behind it.
Image framed(const Image& image, Size size) {
  Image result(size.height, size.width);
  const int64_t top = (size.height - image.height) / 2, left = (size.width - image.width) / 2;
  for (int64_t y = 0; y < image.height; ++y)
    std::copy_n(image.row(y), image.width * Image::kChannels, result.row(top + y) + left * Image::kChannels);
  return result;
}

}  // namespace

PictureTiler::PictureTiler(PictureTilerOptions options)
    : options_(std::move(options)), tile_(options_.tile) {}

Tensor PictureTiler::pixels_of(const std::vector<Image>& tiles) const {
  Tensor result;
  float* to = nullptr;
  for (const auto& tile : tiles) {
    const Tensor values = tile_(tile);
    if (to == nullptr) {
      result = Tensor(DType::float32, {std::ssize(tiles), values.dim(0), values.dim(1), values.dim(2)});
      to = result.mutable_data<float>();
    }
    if (values.count() * std::ssize(tiles) != result.count())
      fail(ErrorKind::input, "the tiles of a picture become numbers of different shapes, {} and {}",
           to_string(result.shape()), to_string(values.shape()));
    to = std::ranges::copy(values.values<float>(), to).out;
  }
  return result;
}

TiledPicture PictureTiler::in_grid(const Image& image) const {
  const Size tile = {options_.edge, options_.edge};
  Image seen = image;
  const auto size = [&] { return Size{seen.height, seen.width}; };
  if (options_.longest_edge > 0)
    seen = resized(seen, to_longest_edge(size(), options_.longest_edge), options_.filter);
  if (!options_.splits) return {.pixel_values = pixels_of({resized(seen, tile, options_.filter)})};
  seen = resized(seen, to_whole_tiles(size(), options_.edge), options_.filter);
  TiledPicture result{
      .pixel_values = {}, .rows = seen.height / options_.edge, .columns = seen.width / options_.edge};
  if (result.rows == 1 && result.columns == 1) return {.pixel_values = pixels_of({seen})};
  std::vector<Image> tiles;
  for (int64_t row = 0; row < result.rows; ++row)
    for (int64_t column = 0; column < result.columns; ++column)
      tiles.push_back(part(seen, row * options_.edge, column * options_.edge, tile));
  tiles.push_back(resized(seen, tile, options_.filter));
  result.pixel_values = pixels_of(tiles);
  return result;
}

TiledPicture PictureTiler::in_best_shape(const Image& image) const {
  const auto [height, width] = options_.shapes[best_shape({image.height, image.width}, options_.shapes)];
  const Size shape = {height, width};
  const Image framed_image =
      framed(resized(image, fitted({image.height, image.width}, shape), options_.filter), shape);
  std::vector<Image> tiles = {resized(image, options_.whole, options_.filter)};
  for (int64_t top = 0; top < shape.height; top += options_.edge)
    for (int64_t left = 0; left < shape.width; left += options_.edge)
      tiles.push_back(
          part(framed_image, top, left,
               {std::min(options_.edge, shape.height - top), std::min(options_.edge, shape.width - left)}));
  return {.pixel_values = pixels_of(tiles),
          .rows = (shape.height + options_.edge - 1) / options_.edge,
          .columns = (shape.width + options_.edge - 1) / options_.edge};
}

TiledPicture PictureTiler::on_canvas(const Image& image) const {
  const Size tile = options_.whole;
  const auto [rows, columns] =
      options_.splits ? nearest_grid({image.height, image.width}, {tile.height, tile.width}, options_.tiles)
                      : HeightWidth{1, 1};
  if (rows * columns == 1)
    return {.pixel_values = pixels_of(
                {options_.splits || options_.resizes ? resized(image, tile, options_.filter) : image})};
  const Image canvas = resized(image, {rows * tile.height, columns * tile.width}, options_.filter);
  std::vector<Image> tiles;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      tiles.push_back(part(canvas, row * tile.height, column * tile.width, tile));
  tiles.push_back(resized(image, tile, options_.filter));
  return {.pixel_values = pixels_of(tiles), .rows = rows, .columns = columns};
}

TiledPicture PictureTiler::in_strip(const Image& image) const {
  const auto [shorter, longer] = std::minmax(image.height, image.width);
  const double length = ratio(longer, shorter);
  TiledPicture result{.pixel_values = {}, .rows = 1, .columns = 1};
  std::vector<Image> tiles = {image};
  int64_t parts = std::min(longer / options_.least_edge, whole_part(std::floor(length + 0.5)));
  parts = std::min(options_.most_parts, std::max<int64_t>(2, parts));
  const int64_t edge = parts > 0 ? (longer + parts - 1) / parts : 0;
  if (parts == 0 || length < options_.least_ratio || std::min(edge, shorter) < options_.least_edge)
    return {.pixel_values = pixels_of(tiles)};
  const bool wide = image.width >= image.height;
  (wide ? result.columns : result.rows) = parts;
  for (int64_t first = 0; first < parts * edge; first += edge) {
    const int64_t some = std::min(edge, longer - first);
    if (some < 1)
      fail(ErrorKind::input, "a picture of {} x {} cannot be cut into {}", image.height, image.width, parts);
    tiles.push_back(wide ? part(image, 0, first, {image.height, some})
                         : part(image, first, 0, {some, image.width}));
  }
  result.pixel_values = pixels_of(tiles);
  return result;
}

TiledPicture PictureTiler::operator()(const Image& image) const {
  if (image.height < 1 || image.width < 1) fail(ErrorKind::input, "the picture has no pixels");
  switch (options_.way) {
    case PictureTilerOptions::Way::grid:
      return in_grid(image);
    case PictureTilerOptions::Way::shapes:
      return in_best_shape(image);
    case PictureTilerOptions::Way::canvas:
      return on_canvas(image);
    case PictureTilerOptions::Way::strip:
      return in_strip(image);
  }
  fail(ErrorKind::internal, "an unknown way to take pictures apart");
}

}  // namespace millrace
