#pragma once
#include <cstdint>
#include <span>

#include "base/tensor.h"
#include "models/layers/picture_size.h"
#include "models/weights.h"

namespace millrace {

// Embeddings of the positions of feature maps with padding, one half of each of their values for the line and
// one for the column (Carion et al., 2020).
class MapPositions {
 public:
  // Learned ones where the checkpoint has row_embeddings and column_embeddings ([n, width / 2], with
  // `.weight`), else sines: `width` has to be a multiple of 4 then.
  MapPositions(const WeightScope& scope, int64_t width, bool learned);

  // [B, height * width, width] for masks [B, height, width] of 1, and 0 for padding. Sines count from the
  // first position that is none, to 2 pi at the last; learned ones are for so many lines alone, else
  // Error(input).
  Tensor of(std::span<const uint8_t> mask, int64_t images, PictureSize size) const;

 private:
  void put_sines(std::span<const uint8_t> mask, PictureSize size, float* to) const;
  void put_learned(PictureSize size, float* to) const;

  int64_t width_;
  Tensor rows_, columns_;  // learned; else empty
};

}  // namespace millrace
