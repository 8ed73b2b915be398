#pragma once
#include <cstdint>
#include <vector>

#include "base/tensor.h"

namespace millrace {

// A label for every pixel of a picture.
struct ClassMap {
  int64_t height = 0, width = 0;
  std::vector<uint16_t> classes;  // [height, width]

  ClassMap() = default;
  ClassMap(int64_t rows, int64_t columns)
      : height(rows), width(columns), classes(static_cast<size_t>(rows * columns)) {}
  uint16_t* row(int64_t y) { return classes.data() + y * width; }
  const uint16_t* row(int64_t y) const { return classes.data() + y * width; }
};

// A label that occurs, and its part of all pixels.
struct ClassShare {
  int64_t index = 0;
  double share = 0;
};

// Logits [labels, h, w] float32 in another size, as torch's bilinear interpolate without aligned corners
// makes them: [labels, height, width].
Tensor upsample_logits(const Tensor& logits, int64_t height, int64_t width);

// The likeliest label (of equals the first) of each pixel after upsample_logits, as transformers'
// post_process_semantic_segmentation has it, without holding all that is between. Error(model) with more
// labels than 65536.
ClassMap likeliest_classes(const Tensor& logits, int64_t height, int64_t width);

// The largest share first; of equals the first label.
std::vector<ClassShare> class_shares(const ClassMap& map);

}  // namespace millrace
