#pragma once
#include "base/tensor.h"

namespace millrace {

// What an encoder of pictures makes of a batch, float32, in transformers' shapes.
struct ImageFeatures {
  Tensor last_hidden_state;  // [B, positions, width], or [B, channels, height, width] of convolutional ones
  Tensor pooler_output;      // [B, width], or [B, channels, 1, 1]; empty where the model has none
  Tensor cls_token_value = {};  // [B, 1, width]; of models that tell it beside a map of the rest
  Tensor summary = {};          // [B, width]; what a classifier sees, where that is neither
};

}  // namespace millrace
