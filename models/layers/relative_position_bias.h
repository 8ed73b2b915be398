#pragma once
#include "models/weights.h"

namespace millrace {

// Biases of attention scores that depend on how far apart two positions of a picture are (Liu et al., "Swin
// Transformer", 2021; BEiT): `relative_position_bias_table` [distances, heads], distances line by line, and
// with a class token three more rows, from it, to it and of it to itself.
class RelativePositionBias {
 public:
  // Made for pictures, or windows of them, of height x width positions.
  RelativePositionBias(const WeightScope& scope, int64_t height, int64_t width, int64_t heads,
                       bool class_token);

  // [heads, n, n] for n = height * width positions, the class token first where there is one. For another
  // size the table is resampled.
  Tensor scores(int64_t height, int64_t width) const;

 private:
  int64_t height_, width_, heads_, class_rows_;
  Tensor table_;  // [distances, heads]
};

}  // namespace millrace
