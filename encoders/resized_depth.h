#pragma once
#include "base/tensor.h"

namespace millrace {

// How far away each pixel of picture `image` of a batch is, [height, width] float32 for a picture of that
// size before it was preprocessed: of predicted_depth [B, rows, columns] float32, by cubic convolution, as
// transformers' post_process_depth_estimation. Other shapes are Error(input).
Tensor resized_depth(const Tensor& predicted_depth, int64_t image, int64_t height, int64_t width);

}  // namespace millrace
