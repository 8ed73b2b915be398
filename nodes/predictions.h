#pragma once
#include <functional>
#include <span>
#include <vector>

#include "models/label_set.h"
#include "nodes/image_packets.h"

// What nodes that label pictures have in common.
namespace millrace {

// Gives `run` the pictures of a batch in their order, those of one size that follow each other together:
// [n, channels, height, width].
void each_alike(std::span<const Ref<PixelValues>> pictures, const std::function<void(const Tensor&)>& run);

// The `top_k` labels with the highest of `logits`, which there is one of each label; of equal ones the first.
Predictions best_labels(std::span<const float> logits, const LabelSet& labels, int64_t top_k);

// The same of each row of logits [n, labels].
std::vector<Predictions> best_labels(const Tensor& logits, const LabelSet& labels, int64_t top_k);

}  // namespace millrace
