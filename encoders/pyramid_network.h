#pragma once
#include <optional>
#include <vector>

#include "encoders/image_encoder.h"
#include "models/layers/patch_merging.h"
#include "models/layers/pyramid_layer.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// Stages of layers over pictures that become smaller and deeper: ConvNeXT, SegFormer, PVT,
// PoolFormer, Swin. How many
// stages and layers there are, and how wide, the weights tell. From the settings
//   channels          of the pictures
//   strides           of the stages; or first_stride, and 2 then
//   padding           of the convolutions that begin them: "none", "half" or "fill"; or paddings, a number
//   for
//                     each
//   heads             of each stage's attention; window: its edge, which every other layer shifts by half;
//                     pool_size of pooling
//   activation, norm ("positions" or "whole"), norm_epsilon, and where they are
//                     others entry_norm_epsilon and final_norm_epsilon
//   summary           what a classifier sees: "normed_mean" (final_norm of the mean, which is the
//   pooler_output,
//                     too), "mean_of_normed", "mean", "tokens" (the mean of the normed positions, which are
//                     the last_hidden_state [B, positions, width]) or "first_token" (of those the first)
// Weights: stages.N.entry, stages.N.entry_input_norm and entry_norm, stages.N.layers.M, stages.N.norm,
// stages.N.merging behind its layers; stages.N.positions, and stages.N.class_token of the last; final_norm.
class PyramidNetwork : public ImageEncoder {
 public:
  PyramidNetwork(const Settings& settings, const WeightScope& weights);

  int64_t channels() const override { return channels_; }
  int64_t width() const override { return width_; }
  bool pools() const override { return summary_ == Summary::normed_mean || summary_ == Summary::tokens; }
  ImageFeatures encode(const Tensor& pixel_values) const override;

  std::vector<int64_t> stage_widths() const { return stage_widths_; }
  // What each stage makes of the pictures, in the workspace.
  std::vector<FeatureMap> run(const Tensor& pixel_values, Workspace& workspace) const;

 private:
  enum class Summary { mean, mean_of_normed, normed_mean, tokens, first_token };
  struct Stage {
    std::optional<PictureNorm> entry_input_norm;
    std::optional<Convolution> entry;
    std::optional<PictureNorm> entry_norm;
    Tensor class_token;  // [1, width]; empty: none
    Tensor positions;    // [positions, width], the class token's first; empty: none
    std::vector<PyramidLayer> layers;
    std::optional<PictureNorm> norm;
    std::optional<PatchMerging> merging;
  };
  static Summary summary_of(const Settings& settings);
  void add_stage(const Settings& settings, const WeightScope& scope, int64_t number);
  void add_layers(const Settings& settings, const WeightScope& scope, int64_t number, Stage& stage) const;
  static FeatureMap enter(const Stage& stage, const FeatureMap& map, Workspace& workspace);
  static void add_positions(const Stage& stage, const FeatureMap& map);
  Tensor summarise(const FeatureMap& map, Workspace& workspace) const;

  int64_t channels_, width_;
  Summary summary_;
  std::vector<Stage> stages_;
  std::vector<int64_t> stage_widths_;
  std::optional<PictureNorm> final_norm_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
