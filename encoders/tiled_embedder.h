#pragma once
#include "base/best_shape.h"
#include "encoders/patch_embedder.h"

namespace millrace {

// Pictures taken apart, each a smaller whole and the tiles of a grid, of one of some shapes ("LLaVA-NeXT",
// Liu et al., 2024): the whole's embeddings, then those of the tiles as one picture, line by line, without
// the lines or columns that only framed the picture, and the weight `newline` behind each. From the setting
//   tile_shapes   [[height, width], …] of the grids, in pixels
// and those of PatchEmbedder. Takes pixel_values [pictures, tiles, channels, height, width], filled up behind
// what a picture has, or all tiles of all pictures [n, channels, height, width]; and image_sizes
// [pictures, 2] int64, the height and width that the pictures had.
class TiledEmbedder : public MediaEmbedder {
 public:
  TiledEmbedder(const Settings& settings, const WeightScope& weights,
                std::shared_ptr<const VisionTransformer> encoder, int64_t width);

  std::vector<std::string> arguments() const override { return {"pixel_values", "image_sizes"}; }
  int64_t width() const override { return patches_.width(); }
  Tensor embed(const NamedTensors& pictures) const override;

 private:
  void arrange(const float* tiles, HeightWidth size, std::vector<float>& to) const;

  PatchEmbedder patches_;
  std::vector<HeightWidth> shapes_;  // whole tiles
  Tensor newline_;                   // [width]
};

}  // namespace millrace
