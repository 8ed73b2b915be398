#pragma once
#include <span>

#include "models/label_set.h"
#include "nodes/image_packets.h"

// What nodes that label pictures have in common.
namespace millrace {

// The `top_k` labels with the highest of `logits`, which there is one of each label; of equal ones the first.
Predictions best_labels(std::span<const float> logits, const LabelSet& labels, int64_t top_k);

}  // namespace millrace
