#pragma once
#include <vector>

#include "encoders/media_embedder.h"
#include "encoders/packed_vision_transformer.h"
#include "encoders/square_merger.h"

namespace millrace {

// Pictures of any size, encoded with patches of their own number each, squares of which become embeddings.
// From the settings of SquareMerger (projector.*); weights: projector, and deep_projectors.N of what the
// encoder's deep layers made of the patches, which stand behind the embedding of each square ("DeepStack",
// Meng et al., 2024). Takes pixel_values [patches of all pictures, …], each patch's values together, and
// image_grid_thw [n, 3] int64, the frames, rows and columns of each picture's patches.
class GridEmbedder : public MediaEmbedder {
 public:
  GridEmbedder(const Settings& settings, const WeightScope& weights, PackedVisionTransformer encoder,
               int64_t width);

  std::vector<std::string> arguments() const override { return {"pixel_values", kGrids}; }
  int64_t width() const override { return width_; }
  int64_t deep_layers() const override { return std::ssize(deep_mergers_); }
  std::vector<MediaExtent> extents(const NamedTensors& media) const override;
  Tensor embed(const NamedTensors& media) const override;

 private:
  static constexpr const char* kGrids = "image_grid_thw";
  std::vector<PatchGrid> grids(const NamedTensors& media) const;
  void embed_one(const float* patches, const PatchGrid& grid, const Rows& out) const;

  PackedVisionTransformer encoder_;
  int64_t width_;
  SquareMerger merger_;
  std::vector<SquareMerger> deep_mergers_;
  std::vector<int64_t> columns_;  // of an embedding's row, where each of these begins
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
