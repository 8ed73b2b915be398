#include "encoders/tiled_embedder.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

std::vector<HeightWidth> shapes_of(const Settings& settings, int64_t edge) {
  const auto edges = settings.sizes("tile_shapes");
  if (edges.empty() || edges.size() % 2 != 0)
    fail_at(ErrorKind::model, settings.where("tile_shapes"), "pairs of [height, width] were expected");
  std::vector<HeightWidth> shapes;
  for (size_t i = 0; i < edges.size(); i += 2) {
    if (edges[i] % edge != 0 || edges[i + 1] % edge != 0)
      fail_at(ErrorKind::model, settings.where("tile_shapes"), "{} x {} are no whole tiles of {}", edges[i],
              edges[i + 1], edge);
    shapes.push_back({edges[i], edges[i + 1]});
  }
  return shapes;
}

constexpr const char* kCounts = "batch_num_images";

// Of "anyres_max_9", 9.
int64_t most_tiles(const Settings& settings) {
  constexpr std::string_view kName = "most_tiles", kBefore = "anyres_max_";
  if (!settings.has(kName)) return 0;
  const std::string text = settings.text(kName);
  int64_t number = 0;
  const char* end = text.data() + text.size();
  if (text.starts_with(kBefore) && std::from_chars(text.data() + kBefore.size(), end, number).ptr == end &&
      number >= 1 && number <= (1 << 20))
    return number;
  fail_at(ErrorKind::model, settings.where(kName), "'{}' is unknown; there is anyres_max_N", text);
}

// Which of the pictures are alone in their text.
std::vector<bool> alone(const Tensor& counts, size_t pictures) {
  if (counts.dtype() != DType::int64) fail(ErrorKind::input, "'{}' should be int64", kCounts);
  std::vector<bool> result;
  for (const int64_t count : counts.values<int64_t>()) {
    if (count < 0 || count > static_cast<int64_t>(pictures) - std::ssize(result))
      fail(ErrorKind::input, "'{}' holds {}, but there are {} pictures", kCounts, count, pictures);
    result.insert(result.end(), static_cast<size_t>(count), count == 1);
  }
  if (result.size() != pictures)
    fail(ErrorKind::input, "'{}' counts {} pictures, but 'image_sizes' has {}", kCounts, result.size(),
         pictures);
  return result;
}

std::vector<HeightWidth> sizes_of(const Tensor& sizes) {
  if (sizes.dtype() != DType::int64 || sizes.rank() != 2 || sizes.dim(1) != 2 || sizes.empty())
    fail(ErrorKind::input, "'image_sizes' should be int64 [pictures, 2], but is {} {}",
         name_of(sizes.dtype()), to_string(sizes.shape()));
  std::vector<HeightWidth> result;
  for (int64_t i = 0; i < sizes.dim(0); ++i) {
    const int64_t* edge = sizes.data<int64_t>() + 2 * i;
    constexpr int64_t kLargest = 1 << 24;
    if (edge[0] < 1 || edge[1] < 1 || edge[0] > kLargest || edge[1] > kLargest)
      fail(ErrorKind::input, "'image_sizes' holds {} x {}", edge[0], edge[1]);
    result.push_back({edge[0], edge[1]});
  }
  return result;
}

// How many of `whole` positions a picture's edge fills that is scaled as `other` to `other_whole`; and so
// many are left out on either side.
int64_t framing(int64_t whole, int64_t edge, int64_t other_whole, int64_t other) {
  constexpr double kDigits = 1e7;
  const double scaled =
      static_cast<double>(edge) * (static_cast<double>(other_whole) / static_cast<double>(other));
  return (whole - static_cast<int64_t>(std::nearbyint(scaled * kDigits) / kDigits)) / 2;
}

// The tiles that pictures have, one after the other: [n, channels, height, width].
Tensor only_tiles(const Tensor& pixel_values, const std::vector<int64_t>& counts) {
  const int64_t pictures = std::ssize(counts), most = pixel_values.dim(1);
  if (pixel_values.dim(0) != pictures || std::ranges::any_of(counts, [&](int64_t n) { return n > most; }))
    fail(ErrorKind::input, "'pixel_values' are {} and do not hold the tiles of {} pictures of 'image_sizes'",
         to_string(pixel_values.shape()), pictures);
  const int64_t size = pixel_values.count() / (pictures * most);
  std::vector<float> kept;
  for (int64_t i = 0; i < pictures; ++i) {
    const float* from = pixel_values.data<float>() + i * most * size;
    kept.insert(kept.end(), from, from + counts[static_cast<size_t>(i)] * size);
  }
  return Tensor::from<float>(
      {std::ssize(kept) / size, pixel_values.dim(2), pixel_values.dim(3), pixel_values.dim(4)}, kept);
}

// Python's x // y.
int64_t whole_quotient(double x, double y) {
  return static_cast<int64_t>(std::floor((x - std::fmod(x, y)) / y + 0.5));
}

}  // namespace

TiledEmbedder::TiledEmbedder(const Settings& settings, const WeightScope& weights,
                             std::shared_ptr<const VisionTransformer> encoder, int64_t width)
    : patches_(settings, weights, std::move(encoder), width),
      shapes_(shapes_of(settings, patches_.encoder().image_edge())),
      most_tiles_(most_tiles(settings)),
      newline_(weights.get_float("newline", {patches_.width()})) {}

std::vector<std::string> TiledEmbedder::arguments() const {
  if (most_tiles_ > 0) return {"pixel_values", "image_sizes", kCounts};
  return {"pixel_values", "image_sizes"};
}

std::vector<std::string> TiledEmbedder::optional_arguments() const {
  if (most_tiles_ > 0) return {kCounts};
  return {};
}

std::vector<TiledEmbedder::Picture> TiledEmbedder::pictures_of(const NamedTensors& pictures) const {
  std::vector<Picture> result;
  for (const auto& size : sizes_of(pictures.at("image_sizes"))) result.push_back({.size = size});
  const auto counts = pictures.find(kCounts);
  if (most_tiles_ == 0 || counts == pictures.end()) return result;
  const auto taken_apart = alone(counts->second, result.size());
  for (size_t i = 0; i < result.size(); ++i) result[i].taken_apart = taken_apart[i];
  return result;
}

int64_t TiledEmbedder::tiles_of(const Picture& picture) const {
  if (!picture.taken_apart) return 1;
  const auto shape = shapes_[best_shape(picture.size, shapes_)];
  const int64_t edge = patches_.encoder().image_edge();
  return 1 + (shape[0] / edge) * (shape[1] / edge);
}

int64_t TiledEmbedder::side() const {
  return patches_.encoder().image_edge() / patches_.encoder().patch_edge();
}

Tensor TiledEmbedder::grid_of(const float* tiles, HeightWidth size) const {
  const auto shape = shapes_[best_shape(size, shapes_)];
  const int64_t edge = patches_.encoder().image_edge(), columns = shape[1] / edge;
  const int64_t height = shape[0] / edge * side(), across = columns * side();
  const bool wide = static_cast<double>(size[1]) / static_cast<double>(size[0]) >
                    static_cast<double>(across) / static_cast<double>(height);
  const int64_t above = wide ? framing(height, size[0], across, size[1]) : 0;
  const int64_t beside = wide ? 0 : framing(across, size[1], height, size[0]);
  Tensor grid(DType::float32, {height - 2 * above, across - 2 * beside, width()});
  float* to = grid.mutable_data<float>();
  for (int64_t y = above; y < height - above; ++y)
    for (int64_t x = beside; x < across - beside; ++x) {
      const int64_t tile = y / side() * columns + x / side();
      const float* from = tiles + ((tile * side() + y % side()) * side() + x % side()) * width();
      to = std::copy_n(from, width(), to);
    }
  return grid;
}

Tensor TiledEmbedder::reduced(Tensor grid) const {
  constexpr double kClearly = 1.1;
  const auto height = static_cast<double>(grid.dim(0)), across = static_cast<double>(grid.dim(1));
  const double ratio = std::sqrt(height * across / static_cast<double>(most_tiles_ * side() * side()));
  if (most_tiles_ == 0 || !(ratio > kClearly)) return grid;
  const int64_t lines = whole_quotient(height, ratio), columns = whole_quotient(across, ratio);
  if (lines < 1 || columns < 1)
    fail(ErrorKind::input, "nothing is left of the {} x {} patches of a picture of {} tiles at most",
         grid.dim(0), grid.dim(1), most_tiles_);
  Tensor result(DType::float32, {lines, columns, width()});
  resample({.filter = ResampleFilter::bilinear,
            .x = grid.data<float>(),
            .height = grid.dim(0),
            .width = grid.dim(1),
            .channels = width(),
            .y = result.mutable_data<float>(),
            .out_height = lines,
            .out_width = columns});
  return result;
}

void TiledEmbedder::append_newline(std::vector<float>& to) const {
  to.insert(to.end(), newline_.data<float>(), newline_.data<float>() + width());
}

// The rows of one picture, of the embeddings [tiles, tokens, width] of its tiles.
void TiledEmbedder::arrange(const float* tiles, const Picture& picture, std::vector<float>& to) const {
  const int64_t tile = side() * side() * width();
  to.insert(to.end(), tiles, tiles + tile);
  if (!picture.taken_apart) return append_newline(to);
  const Tensor grid = reduced(grid_of(tiles + tile, picture.size));
  const int64_t line = grid.dim(1) * width();
  for (int64_t y = 0; y < grid.dim(0); ++y) {
    const float* from = grid.data<float>() + y * line;
    to.insert(to.end(), from, from + line);
    append_newline(to);
  }
}

Tensor TiledEmbedder::embed(const NamedTensors& pictures) const {
  Tensor pixel_values = pictures.at("pixel_values");
  const auto all = pictures_of(pictures);
  std::vector<int64_t> counts;
  int64_t tiles = 0;
  for (const auto& picture : all) {
    counts.push_back(tiles_of(picture));
    tiles += counts.back();
  }
  if (pixel_values.rank() == 5 && pixel_values.dtype() == DType::float32)
    pixel_values = only_tiles(pixel_values, counts);
  const Tensor embedded = patches_.embed(pixel_values);
  const int64_t tokens = side() * side();
  if (embedded.dim(0) != tiles || embedded.dim(1) != tokens)
    fail(ErrorKind::input,
         "the {} tiles of 'pixel_values' have {} embeddings, but those of 'image_sizes' are {} of {}",
         embedded.dim(0), embedded.dim(1), tiles, tokens);
  std::vector<float> rows;
  const float* from = embedded.data<float>();
  for (size_t i = 0; i < all.size(); ++i) {
    arrange(from, all[i], rows);
    from += counts[i] * tokens * width();
  }
  return Tensor::from<float>({std::ssize(rows) / width(), width()}, rows);
}

}  // namespace millrace
