#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/tensor.h"

namespace millrace {

// Pictures or sounds to embeddings that a language model reads in the place of its tokens'. Immutable: one
// instance serves all threads.
class MediaEmbedder {
 public:
  virtual ~MediaEmbedder() = default;
  // The tensors that it takes, in transformers' names, pixel_values or input_features first; and those that
  // may be missing.
  virtual std::vector<std::string> arguments() const = 0;
  virtual std::vector<std::string> optional_arguments() const { return {}; }
  virtual int64_t width() const = 0;
  // [n, tokens, width], or [tokens, width] of all n one after the other, where they differ. What doesn't fit
  // is Error(input) naming the argument.
  virtual Tensor embed(const NamedTensors& media) const = 0;
};

}  // namespace millrace
