#pragma once
#include <optional>

#include "models/layers/linear.h"
#include "models/layers/norm.h"
#include "models/layers/workspace_pool.h"
#include "models/settings.h"

namespace millrace {

// What an encoder made of the patches of square pictures, to as wide states as a language model's embeddings.
// From the settings, each where given,
//   shuffle       squares of so many by so many patches become one, the values of its patches behind one
//                 another, line by line (Shi et al., "Real-time single image and video super-resolution",
//                 2016, the other way round)
//   shuffle_ratio the same as its inverse: 0.5 for squares of two by two
//   mean_tokens   so many patches remain, which are the means of squares
//   activation    between two layers; and of the norm, those of norm_options
// Weights: norm, where the checkpoint has one; then layers.0 and, where it has it, layers.1.
class PictureProjector {
 public:
  struct Widths {
    int64_t inputs = 0, outputs = 0;
  };
  PictureProjector(const Settings& settings, const WeightScope& weights, Widths widths);

  int64_t outputs() const { return (second_ ? *second_ : first_).outputs(); }
  // [n, patches, inputs] to [n, tokens, outputs]. Patches that are no squares are Error(input).
  Tensor project(const Tensor& patches) const;

 private:
  Rows reduced(const Rows& patches, int64_t side, Workspace& workspace) const;
  Rows shuffled(const Rows& patches, int64_t side, Workspace& workspace) const;
  Rows averaged(const Rows& patches, int64_t side, Workspace& workspace) const;
  bool reduces() const { return shuffle_ > 1 || mean_side_ > 0; }

  int64_t shuffle_, mean_side_;  // 1 and 0: not at all
  kernels::Activation activation_;
  std::optional<Norm> norm_;
  Linear first_;
  std::optional<Linear> second_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
