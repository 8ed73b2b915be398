#pragma once
#include <cstdint>
#include <vector>

#include "base/tensor.h"
#include "models/layers/picture_size.h"

namespace millrace {

// Which patches of a picture show some of it; the others are padding, below it and to its right.
struct PatchMask {
  std::vector<uint8_t> shown;  // row by row; empty: all
  PictureSize seen;            // how many from the first on show some of it, down and across

  bool shows(int64_t patch) const { return shown.empty() || shown[static_cast<size_t>(patch)] != 0; }
};

// Of `pixel_mask` [B, height, width], where what is not 0 is of a picture. Patches are of `edge` pixels; what
// is beyond the last whole one is left out. Error(input) for a picture without any.
std::vector<PatchMask> patch_masks(const Tensor& pixel_mask, int64_t edge);

}  // namespace millrace
