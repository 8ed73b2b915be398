#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/tensor.h"

namespace millrace {

// How far a picture reaches, in the places that it takes in a text.
struct MediaExtent {
  int64_t frames = 1, height = 0, width = 0;
};

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
  // What is added behind the first layers of the language model, too: an embedding's row then has `width`
  // values, and behind them as many for each of these layers.
  virtual int64_t deep_layers() const { return 0; }
  // Of each picture, where positions in the text go by that; else none.
  virtual std::vector<MediaExtent> extents(const NamedTensors&) const { return {}; }
  // [n, tokens, width], or [tokens, width] of all n one after the other, where they differ. What doesn't fit
  // is Error(input) naming the argument.
  virtual Tensor embed(const NamedTensors& media) const = 0;
};

}  // namespace millrace
