#pragma once
#include <string>
#include <vector>

#include "base/tensor.h"
#include "graph/packet.h"
#include "preprocess/image.h"

// What travels along the edges of pipelines of pictures, beside Image.
namespace millrace {

struct PixelValues {
  Tensor values;  // [channels, height, width] float32
};

struct Prediction {
  int64_t index = 0;
  std::string label;
  double score = 0;
};

// What is on a picture, the likeliest first.
struct Predictions {
  std::vector<Prediction> best;
};

}  // namespace millrace
