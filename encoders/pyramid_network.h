#pragma once
#include <optional>
#include <vector>

#include "encoders/image_encoder.h"
#include "models/layers/pyramid_layer.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// Stages of layers over pictures that become smaller and deeper: ConvNeXT, SegFormer, PoolFormer. How many
// stages and layers there are, and how wide, the weights tell. From the settings
//   channels          of the pictures
//   strides           of the stages; or first_stride, and 2 then
//   padding           of the convolutions that begin them: "none" or "half"; or paddings, a number for each
//   heads             of each stage's attention; pool_size of pooling
//   activation, norm ("positions" or "whole"), norm_epsilon, final_norm_epsilon
//   summary           what a classifier sees: "normed_mean" (final_norm of the mean, which is the
//   pooler_output,
//                     too), "mean_of_normed" or "mean"
// Weights: stages.N.entry, stages.N.entry_input_norm and entry_norm, stages.N.layers.M, stages.N.norm;
// final_norm.
class PyramidNetwork : public ImageEncoder {
 public:
  PyramidNetwork(const Settings& settings, const WeightScope& weights);

  int64_t channels() const override { return channels_; }
  int64_t width() const override { return width_; }
  bool pools() const override { return summary_ == Summary::normed_mean; }
  ImageFeatures encode(const Tensor& pixel_values) const override;

 private:
  enum class Summary { mean, mean_of_normed, normed_mean };
  struct Stage {
    std::optional<PictureNorm> entry_input_norm;
    Convolution entry;
    std::optional<PictureNorm> entry_norm;
    std::vector<PyramidLayer> layers;
    std::optional<PictureNorm> norm;
  };
  static Summary summary_of(const Settings& settings);
  void add_stage(const Settings& settings, const WeightScope& scope, int64_t number, int64_t stride);
  Tensor summarise(const FeatureMap& map, Workspace& workspace) const;

  int64_t channels_, width_;
  Summary summary_;
  std::vector<Stage> stages_;
  std::optional<PictureNorm> final_norm_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
