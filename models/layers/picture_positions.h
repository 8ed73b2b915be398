#pragma once
#include "models/layers/picture_size.h"
#include "models/layers/resample.h"
#include "models/weights.h"

namespace millrace {

// Learned embeddings of the positions of a picture's patches and of the tokens before and behind them.
class PicturePositions {
 public:
  struct Layout {
    PictureSize patches = {};        // that they were trained for
    int64_t before = 0, behind = 0;  // tokens
    // They are resampled as if the patches had been a square, as most classes of transformers do it.
    bool as_square = true;
  };
  // `values` [before + patches + behind, width] float32.
  PicturePositions(Tensor values, const Layout& layout);

  // [before + patches + behind, width] for pictures of so many patches; resampled where these are others than
  // it was trained for. Error(input) where that cannot be.
  Tensor of(PictureSize patches, ResampleFilter filter) const;

  // The same for pictures that show something in the first `seen` patches alone: of each patch that of the
  // place in the picture, see position_buckets; beyond, anything. There are no tokens behind the patches.
  Tensor at_places(PictureSize patches, PictureSize seen) const;

 private:
  Layout layout_;
  Tensor values_;
};

// The weight `name`, [1, …, n, width], as [n, width] float32.
Tensor rows_of_weight(const WeightScope& scope, std::string_view name, int64_t width);

}  // namespace millrace
