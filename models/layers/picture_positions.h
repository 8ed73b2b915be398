#pragma once
#include "models/layers/picture_size.h"
#include "models/layers/resample.h"
#include "models/weights.h"

namespace millrace {

// Learned embeddings of the positions of a picture's patches, those of some tokens before them: the weight
// `positions` [tokens + patches, width], with or without a leading 1, or with `.weight`.
class PicturePositions {
 public:
  // `patches` is what it was trained for.
  PicturePositions(const WeightScope& scope, PictureSize patches, int64_t width);

  int64_t rows() const { return values_.dim(0); }
  int64_t tokens() const { return values_.dim(0) - patches_.height * patches_.width; }
  // [tokens + patches, width] for pictures of so many patches; resampled where these are others than it was
  // trained for.
  Tensor of(PictureSize patches, ResampleFilter filter) const;

 private:
  PictureSize patches_;
  Tensor values_;
};

// The weight `name`, [1, …, n, width], as [n, width] float32.
Tensor rows_of_weight(const WeightScope& scope, std::string_view name, int64_t width);

}  // namespace millrace
