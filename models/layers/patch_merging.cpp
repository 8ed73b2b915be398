#include "models/layers/patch_merging.h"

#include <algorithm>

namespace millrace {

PatchMerging::PatchMerging(const WeightScope& scope, int64_t width, float norm_epsilon)
    : norm_after_(scope.shape("norm.weight") == Shape{2 * width}),
      norm_(scope.at("norm"), (norm_after_ ? 2 : 4) * width, PictureNorm::Kind::positions, norm_epsilon),
      reduction_(scope.at("reduction"), 2 * width, 4 * width) {}

FeatureMap PatchMerging::forward(const FeatureMap& x, Workspace& workspace) const {
  const int64_t height = (x.height + 1) / 2, width = (x.width + 1) / 2, channels = x.channels();
  const auto y = make_feature_map(workspace, x.images, height, width, outputs());
  const Workspace::Frame frame(workspace);
  const auto squares = make_feature_map(workspace, x.images, height, width, 4 * channels);
  float* to = squares.rows.data;
  for (int64_t image = 0; image < x.images; ++image)
    for (int64_t top = 0; top < 2 * height; top += 2)
      for (int64_t left = 0; left < 2 * width; left += 2)
        for (const int64_t column : {left, left + 1})
          for (const int64_t row : {top, top + 1})
            to = row < x.height && column < x.width
                     ? std::copy_n(x.rows.row((image * x.height + row) * x.width + column), channels, to)
                     : std::fill_n(to, channels, 0.f);
  if (!norm_after_) norm_.forward(squares, squares);
  reduction_.forward(squares.rows, y.rows);
  if (norm_after_) norm_.forward(y, y);
  return y;
}

}  // namespace millrace
