#pragma once
#include <span>
#include <string>

#include "backends/loaded_model.h"

namespace millrace {

// The embeddings [labels, n] of length 1 of each label in place of the "{}" of `prompt`, for the model's
// method `similarity`. Error(model): the model compares no pictures with texts, or has no tokenizer.
// Error(pipeline): the prompt has no {}.
Tensor embed_labels(const LoadedModel& model, std::span<const std::string> labels, const std::string& prompt);

}  // namespace millrace
