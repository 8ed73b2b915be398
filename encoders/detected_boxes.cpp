#include "encoders/detected_boxes.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/error.h"

namespace millrace {
namespace {

constexpr int64_t kCoordinates = 4;

void check(const Tensor& logits, const Tensor& boxes, int64_t image) {
  if (logits.dtype() != DType::float32 || logits.rank() != 3 || logits.dim(2) < 2)
    fail(ErrorKind::input, "'logits' should be float32 [B, queries, labels + 1], but is {} {}",
         name_of(logits.dtype()), to_string(logits.shape()));
  if (boxes.dtype() != DType::float32 || boxes.shape() != Shape{logits.dim(0), logits.dim(1), kCoordinates})
    fail(ErrorKind::input, "'pred_boxes' should be float32 [{}, {}, {}], but is {} {}", logits.dim(0),
         logits.dim(1), kCoordinates, name_of(boxes.dtype()), to_string(boxes.shape()));
  if (image < 0 || image >= logits.dim(0))
    fail(ErrorKind::input, "there is no picture {} in a batch of {}", image, logits.dim(0));
}

// The most likely label but the last, and its part of the softmax over all.
DetectedBox best_label(std::span<const float> logits) {
  const float largest = *std::ranges::max_element(logits);
  float sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  const auto labels = logits.first(logits.size() - 1);
  const auto best = std::ranges::max_element(labels);
  return {.label = best - labels.begin(), .score = std::exp(*best - largest) / sum};
}

}  // namespace

std::vector<DetectedBox> detected_boxes(const Tensor& logits, const Tensor& pred_boxes, int64_t image,
                                        int64_t height, int64_t width, float threshold) {
  check(logits, pred_boxes, image);
  const int64_t queries = logits.dim(1), classes = logits.dim(2);
  const auto across = static_cast<float>(width), down = static_cast<float>(height);
  std::vector<DetectedBox> found;
  for (int64_t query = 0; query < queries; ++query) {
    const int64_t row = image * queries + query;
    DetectedBox box = best_label({logits.data<float>() + row * classes, static_cast<size_t>(classes)});
    if (!(box.score > threshold)) continue;
    const float* centre = pred_boxes.data<float>() + row * kCoordinates;
    const float half_width = 0.5f * centre[2], half_height = 0.5f * centre[3];
    box.x0 = (centre[0] - half_width) * across;
    box.y0 = (centre[1] - half_height) * down;
    box.x1 = (centre[0] + half_width) * across;
    box.y1 = (centre[1] + half_height) * down;
    found.push_back(box);
  }
  return found;
}

}  // namespace millrace
