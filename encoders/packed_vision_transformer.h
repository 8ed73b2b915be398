#pragma once
#include <optional>
#include <vector>

#include "encoders/patch_grid.h"
#include "models/layers/linear.h"
#include "models/layers/norm.h"
#include "models/layers/rotary_embedding.h"
#include "models/layers/transformer_layer.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// A transformer over the patches of pictures of any size, which come packed one behind another (Dehghani et
// al., "Patch n' Pack: NaViT", 2023; "Qwen2-VL", Wang et al., 2024). Patches turn by their places, and see
// those of their own frame. From the settings of transformer_layer_options and
//   channels, patch_size, frames   of a patch: `frames` pictures of patch_size x patch_size pixels
//   merge            squares of so many patches along an edge become one behind the encoder
//   line_order       true: patches come line by line; else square by square
//   rope.*           of the rotary embedding
//   window, full_layers   in all layers but these (counted from 0), patches see those of their window alone,
//                    of so many pixels along an edge ("Qwen2.5-VL technical
//                    report", Bai et al., 2025)
//   align_corners    learned positions, a square of them, are resampled so ("bilinear") or by the edges
//   deep_layers      numbers of layers, counted from 0, whose states other models take, too
// Weights: patch_embedding, positions where the checkpoint has them, layers, and norm where it has one.
class PackedVisionTransformer {
 public:
  PackedVisionTransformer(const Settings& settings, const WeightScope& weights);

  int64_t width() const { return options_.attention.width; }
  int64_t merge() const { return merge_; }
  int64_t patch_values() const { return patch_embedding_.inputs(); }
  const std::vector<int64_t>& deep_layers() const { return deep_layers_; }

  // The states of the patches of one picture in the order of `order`, behind the last layer and norm, and, in
  // `deep`, behind each of the deep layers. In the workspace.
  struct Encoded {
    PatchOrder order;
    Rows states;
    std::vector<Rows> deep;
  };
  // `patches` [n, patch_values] of the one picture.
  Encoded encode(const float* patches, const PatchGrid& grid, Workspace& workspace) const;

 private:
  Rows embed(const float* patches, const PatchGrid& grid, const PatchOrder& order,
             Workspace& workspace) const;
  void add_positions(const PatchGrid& grid, const PatchOrder& order, const Rows& states) const;
  bool sees_all(int64_t layer) const;

  TransformerLayerOptions options_;
  int64_t merge_, window_;  // the latter in squares; 0: none
  bool line_order_, align_corners_;
  Linear patch_embedding_;
  Tensor positions_;  // [side, side, width], or empty
  std::vector<int64_t> full_layers_, deep_layers_;
  std::vector<TransformerLayer> layers_;
  std::optional<Norm> norm_;
};

}  // namespace millrace
