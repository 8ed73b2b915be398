#pragma once
#include <cstdint>

#include "models/label_set.h"
#include "models/settings.h"
#include "tokenizers/text_batch.h"

namespace millrace {

// How a model tells which of any labels fits a picture.
struct ZeroShotOptions {
  LabelSet::Scores scores = LabelSet::Scores::softmax;
  TextBatchOptions texts;  // of the labels
};

// From the settings
//   scores   "softmax" (one of the labels is right) or "sigmoid" (each may be)
//   filled   true: texts are padded to all of the `positions` that the model has
ZeroShotOptions zero_shot_options(const Settings& settings, int64_t positions);

}  // namespace millrace
