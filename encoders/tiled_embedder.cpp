#include "encoders/tiled_embedder.h"

#include <algorithm>
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

}  // namespace

TiledEmbedder::TiledEmbedder(const Settings& settings, const WeightScope& weights,
                             std::shared_ptr<const VisionTransformer> encoder, int64_t width)
    : patches_(settings, weights, std::move(encoder), width),
      shapes_(shapes_of(settings, patches_.encoder().image_edge())),
      newline_(weights.get_float("newline", {patches_.width()})) {}

// The rows of one picture, of the embeddings [tiles, tokens, width] of its tiles.
void TiledEmbedder::arrange(const float* tiles, HeightWidth size, std::vector<float>& to) const {
  const auto& encoder = patches_.encoder();
  const auto shape = shapes_[best_shape(size, shapes_)];
  const int64_t side = encoder.image_edge() / encoder.patch_edge(), tokens = side * side,
                width = patches_.width();
  const int64_t columns = shape[1] / encoder.image_edge();
  const int64_t height = shape[0] / encoder.image_edge() * side, across = columns * side;
  const bool wide = static_cast<double>(size[1]) / static_cast<double>(size[0]) >
                    static_cast<double>(across) / static_cast<double>(height);
  const int64_t above = wide ? framing(height, size[0], across, size[1]) : 0;
  const int64_t beside = wide ? 0 : framing(across, size[1], height, size[0]);
  to.insert(to.end(), tiles, tiles + tokens * width);
  for (int64_t y = above; y < height - above; ++y) {
    for (int64_t x = beside; x < across - beside; ++x) {
      const int64_t tile = 1 + y / side * columns + x / side;
      const float* from = tiles + (tile * tokens + y % side * side + x % side) * width;
      to.insert(to.end(), from, from + width);
    }
    to.insert(to.end(), newline_.data<float>(), newline_.data<float>() + width);
  }
}

Tensor TiledEmbedder::embed(const NamedTensors& pictures) const {
  Tensor pixel_values = pictures.at("pixel_values");
  const auto sizes = sizes_of(pictures.at("image_sizes"));
  const int64_t edge = patches_.encoder().image_edge();
  std::vector<int64_t> counts;
  int64_t tiles = 0;
  for (const auto& size : sizes) {
    const auto shape = shapes_[best_shape(size, shapes_)];
    counts.push_back(1 + (shape[0] / edge) * (shape[1] / edge));
    tiles += counts.back();
  }
  if (pixel_values.rank() == 5 && pixel_values.dtype() == DType::float32)
    pixel_values = only_tiles(pixel_values, counts);
  const Tensor embedded = patches_.embed(pixel_values);
  const int64_t side = edge / patches_.encoder().patch_edge();
  if (embedded.dim(0) != tiles || embedded.dim(1) != side * side)
    fail(ErrorKind::input,
         "the {} tiles of 'pixel_values' have {} embeddings, but those of 'image_sizes' are {} of {}",
         embedded.dim(0), embedded.dim(1), tiles, side * side);
  std::vector<float> rows;
  const float* from = embedded.data<float>();
  for (size_t i = 0; i < sizes.size(); ++i) {
    arrange(from, sizes[i], rows);
    from += counts[i] * side * side * width();
  }
  return Tensor::from<float>({std::ssize(rows) / width(), width()}, rows);
}

}  // namespace millrace
