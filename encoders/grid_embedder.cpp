#include "encoders/grid_embedder.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {

GridEmbedder::GridEmbedder(const Settings& settings, const WeightScope& weights,
                           PackedVisionTransformer encoder, int64_t width)
    : encoder_(std::move(encoder)),
      width_(width),
      merger_(settings.at("projector"), weights.at("projector"),
              {.patch = encoder_.width(), .patches = encoder_.merge() * encoder_.merge(), .outputs = width}) {
  const auto& layers = encoder_.deep_layers();
  for (size_t i = 0; i < layers.size(); ++i) {
    deep_mergers_.emplace_back(
        settings.at("projector"), weights.at("deep_projectors", static_cast<int64_t>(i)),
        SquareMerger::Widths{
            .patch = encoder_.width(), .patches = encoder_.merge() * encoder_.merge(), .outputs = width});
    // What they give is in the order of the layers.
    columns_.push_back((1 + std::ranges::count_if(layers, [&](int64_t layer) { return layer < layers[i]; })) *
                       width);
  }
}

std::vector<PatchGrid> GridEmbedder::grids(const NamedTensors& media) const {
  const Tensor& pixels = media.at("pixel_values");
  const int64_t values = encoder_.patch_values();
  if (pixels.dtype() != DType::float32 || pixels.rank() < 2 || pixels.empty() ||
      pixels.count() != pixels.dim(0) * values)
    fail(ErrorKind::input, "'pixel_values' should be float32 [patches, {}], but is {} {}", values,
         name_of(pixels.dtype()), to_string(pixels.shape()));
  return patch_grids(media.at(kGrids), kGrids, encoder_.merge(), pixels.dim(0));
}

std::vector<MediaExtent> GridEmbedder::extents(const NamedTensors& media) const {
  std::vector<MediaExtent> result;
  for (const auto& grid : grids(media))
    result.push_back({grid.frames, grid.height / encoder_.merge(), grid.width / encoder_.merge()});
  return result;
}

// To `out` [squares, (1 + deep layers) * width], line by line.
void GridEmbedder::embed_one(const float* patches, const PatchGrid& grid, const Rows& out) const {
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  const auto encoded = encoder_.encode(patches, grid, *workspace);
  const auto add = [&](const SquareMerger& merger, const Rows& states, int64_t column) {
    const Workspace::Frame inner(*workspace);
    const Rows merged = (*workspace).rows(out.count, width_);
    merger.forward(states, merged, *workspace);
    for (int64_t i = 0; i < out.count; ++i)
      std::copy_n(merged.row(i), width_, out.row(encoded.order.squares[static_cast<size_t>(i)]) + column);
  };
  add(merger_, encoded.states, 0);
  for (size_t i = 0; i < deep_mergers_.size(); ++i) add(deep_mergers_[i], encoded.deep[i], columns_[i]);
}

Tensor GridEmbedder::embed(const NamedTensors& media) const {
  const auto all = grids(media);
  const int64_t square = encoder_.merge() * encoder_.merge();
  const float* patches = media.at("pixel_values").data<float>();
  Tensor result(DType::float32, {media.at("pixel_values").dim(0) / square, (1 + deep_layers()) * width_});
  const Rows rows = rows_of(result);
  int64_t first = 0;
  for (const auto& grid : all) {
    const int64_t count = grid.patches() / square;
    embed_one(patches, grid, rows.slice(first, count));
    first += count;
    patches += grid.patches() * encoder_.patch_values();
  }
  return result;
}

}  // namespace millrace
