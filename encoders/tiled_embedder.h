#pragma once
#include "base/best_shape.h"
#include "encoders/patch_embedder.h"
#include "models/layers/resample.h"

namespace millrace {

// Pictures taken apart, each a smaller whole and the tiles of a grid, of one of some shapes ("LLaVA-NeXT",
// Liu et al., 2024): the whole's embeddings, then those of the tiles as one picture, line by line, without
// the lines or columns that only framed the picture, and the weight `newline` behind each. From the setting
//   tile_shapes   [[height, width], …] of the grids, in pixels
// and those of PatchEmbedder. Takes pixel_values [pictures, tiles, channels, height, width], filled up behind
// what a picture has, or all tiles of all pictures [n, channels, height, width]; and image_sizes
// [pictures, 2] int64, the height and width that the pictures had. With the setting
//   most_tiles    "anyres_max_9": a grid of clearly more than so many tiles' embeddings is resampled to about
//   as
//                 many ("LLaVA-OneVision", Li et al., 2025)
// batch_num_images [texts] int64 may tell how many of the pictures each text has; where these are several,
// each is one tile, and the newline.
class TiledEmbedder : public MediaEmbedder {
 public:
  TiledEmbedder(const Settings& settings, const WeightScope& weights,
                std::shared_ptr<const VisionTransformer> encoder, int64_t width);

  std::vector<std::string> arguments() const override;
  std::vector<std::string> optional_arguments() const override;
  int64_t width() const override { return patches_.width(); }
  Tensor embed(const NamedTensors& pictures) const override;

 private:
  struct Picture {
    HeightWidth size = {};
    bool taken_apart = true;
  };
  std::vector<Picture> pictures_of(const NamedTensors& pictures) const;
  int64_t tiles_of(const Picture& picture) const;
  int64_t side() const;  // of a tile, in patches
  // The embeddings of the grid's tiles, which `tiles` begins with, without the framing: [height, width, …].
  Tensor grid_of(const float* tiles, HeightWidth size) const;
  Tensor reduced(Tensor grid) const;
  void append_newline(std::vector<float>& to) const;
  void arrange(const float* tiles, const Picture& picture, std::vector<float>& to) const;

  PatchEmbedder patches_;
  std::vector<HeightWidth> shapes_;  // whole tiles
  int64_t most_tiles_;               // 0: any number
  Tensor newline_;                   // [width]
};

}  // namespace millrace
