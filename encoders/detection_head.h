#pragma once
#include "base/tensor.h"
#include "models/layers/perceptron.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// What each query of a detector has found, in transformers' shapes, float32.
struct Detections {
  Tensor logits;      // [B, queries, labels + 1], the last for nothing
  Tensor pred_boxes;  // [B, queries, 4]: centre (x, y), width and height, as parts of the picture's
};

// The head of detectors (Carion et al., "End-to-end object detection with transformers", 2020). Weights:
// class_classifier and box_predictor. Immutable: one instance serves all threads.
class DetectionHead {
 public:
  static bool in(const WeightScope& weights) { return Perceptron::in(weights.at("box_predictor")); }
  // `width` values of each query.
  DetectionHead(const WeightScope& weights, int64_t width);

  int64_t labels() const { return classifier_.outputs() - 1; }
  // Of the last `queries` rows of each picture's states [B, rows, width].
  Detections detect(const Tensor& states, int64_t queries) const;

 private:
  Perceptron classifier_, boxes_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
