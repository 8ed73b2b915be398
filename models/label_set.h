#pragma once
#include <optional>
#include <string>
#include <vector>

#include "models/architecture.h"
#include "models/config.h"

namespace millrace {

// What a classifier's results stand for.
struct LabelSet {
  // What each label is of.
  enum class Of { pictures, pixels, boxes };
  // How logits become scores: one label is right, any number of them may be, or they are no probabilities.
  enum class Scores { softmax, sigmoid, none };
  std::vector<std::string> names;
  Scores scores = Scores::softmax;
  Of of = Of::pictures;
};

// From the config's id2label (timm's label_names) and problem_type, else the list that the family's
// architecture file names, else LABEL_0 and so on. Error(model) where there are not `count` of them.
LabelSet read_labels(const std::optional<ModelConfig>& config, const Architecture& architecture,
                     int64_t count);

}  // namespace millrace
