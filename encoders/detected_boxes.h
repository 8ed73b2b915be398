#pragma once
#include <cstdint>
#include <vector>

#include "base/tensor.h"

namespace millrace {

// Something that was found on a picture. (x0, y0) is the upper left corner and (x1, y1) the lower right one,
// in pixels of the picture; they may lie a little outside of it.
struct DetectedBox {
  int64_t label = 0;
  float score = 0;  // from 0 to 1
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};

// What the queries of picture `image` of a batch have found, as far as the score is above the threshold, in
// the queries' order: logits [B, queries, labels + 1] float32, whose last label says that there is nothing,
// and pred_boxes [B, queries, 4] float32 (centre, width and height as parts of the picture's), for a picture
// of height x width pixels before it was preprocessed. As transformers' post_process_object_detection of DETR
// and YOLOS. Tensors of other shapes, or a picture that the batch has not, are Error(input).
std::vector<DetectedBox> detected_boxes(const Tensor& logits, const Tensor& pred_boxes, int64_t image,
                                        int64_t height, int64_t width, float threshold);

}  // namespace millrace
