#include "encoders/detection_head.h"

#include <cassert>
#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

constexpr int64_t kCoordinates = 4;

}  // namespace

DetectionHead::DetectionHead(const WeightScope& weights, int64_t width)
    : classifier_(weights.at("class_classifier"), width), boxes_(weights.at("box_predictor"), width) {
  if (boxes_.outputs() != kCoordinates || classifier_.outputs() < 2)
    fail_at(ErrorKind::model, weights.place("box_predictor.layers.0.weight"),
            "a head of boxes with {} numbers and {} classes is not supported", boxes_.outputs(),
            classifier_.outputs());
}

Detections DetectionHead::detect(const Tensor& states, int64_t queries) const {
  const int64_t images = states.dim(0), rows = states.dim(1), width = states.dim(2);
  assert(queries <= rows);
  Tensor last(DType::float32, {images, queries, width});
  for (int64_t image = 0; image < images; ++image)
    std::copy_n(states.data<float>() + (image * rows + rows - queries) * width, queries * width,
                last.mutable_data<float>() + image * queries * width);
  Detections found{.logits = Tensor(DType::float32, {images, queries, classifier_.outputs()}),
                   .pred_boxes = Tensor(DType::float32, {images, queries, kCoordinates})};
  const auto workspace = workspaces_.take();
  classifier_.forward(rows_of(last), rows_of(found.logits), *workspace);
  boxes_.forward(rows_of(last), rows_of(found.pred_boxes), *workspace);
  float* values = found.pred_boxes.mutable_data<float>();
  for (int64_t i = 0; i < found.pred_boxes.count(); ++i) values[i] = 1 / (1 + std::exp(-values[i]));
  return found;
}

}  // namespace millrace
