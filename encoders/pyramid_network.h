#pragma once
#include <optional>
#include <vector>

#include "encoders/image_encoder.h"
#include "models/layers/patch_merging.h"
#include "models/layers/pyramid_layer.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// Stages of layers over pictures that become smaller and deeper: ConvNeXT, SegFormer, PVT, PoolFormer, Swin
// and Swin v2, FocalNet, CvT. How many stages and layers there are, and how wide, the weights tell. From the
// settings
//   channels          of the pictures; filled_to: zeros below and to the right make their sizes multiples of
//   it strides           of the convolutions that begin the stages, or end the ones before; or first_stride
//   (by
//                     itself the size of the filters), and 2 then
//   padding           of these convolutions: "none", "half" or "fill"; or first_padding, a number, of the
//   first
//                     alone; or paddings, one for each
//   heads             of each stage's attention
//   window            of attention: its edge, which every other layer shifts by half; with fixed_windows also
//                     in pictures that are no larger; image_size, which fixes windows too, bounds it by what
//                     each stage leaves of such a picture, and trained_windows, one for each stage, are what
//                     its biases were trained for
//   scaled_by_width, and for each stage projections ("filters"), query_strides, query_paddings, key_strides
//                     and key_paddings, of PictureAttention
//   normalised_context, of FocalModulation; pool_size of pooling
//   activation, norm ("positions" or "whole"), norm_after, norm_epsilon, and where they are others
//                     entry_norm_epsilon and final_norm_epsilon
//   summary           what a classifier sees: "normed_mean" (final_norm of the mean, which is the
//                     pooler_output, too), "mean_of_normed" (where the last stage has a class token, of that
//                     alone), "mean", "tokens" (the mean of the normed positions, which are the
//                     last_hidden_state [B, positions, width]) or "first_token" (of those the first)
//   flat              the last_hidden_state is of positions, whatever the summary is
// Weights: stages.N.entry, stages.N.entry_input_norm and entry_norm, stages.N.layers.M, stages.N.norm; behind
// the layers stages.N.merging, or stages.N.exit and exit_norm; stages.N.positions and stages.N.class_token;
// stages.N.map_norm, of what heads see; final_norm.
class PyramidNetwork : public ImageEncoder {
 public:
  PyramidNetwork(const Settings& settings, const WeightScope& weights);

  int64_t channels() const override { return channels_; }
  int64_t width() const override { return width_; }
  bool pools() const override { return summary_ == Summary::normed_mean || summary_ == Summary::tokens; }
  bool tells_class_token() const override { return !gives_tokens() && !stages_.back().class_token.empty(); }
  ImageFeatures encode(const Tensor& pixel_values) const override;

  // Of each stage what its layers make; where some of them have a map_norm, that of those alone.
  std::vector<int64_t> map_widths() const override;
  std::vector<FeatureMap> maps(const Tensor& pixel_values, Workspace& workspace) const override;

 private:
  enum class Summary { mean, mean_of_normed, normed_mean, tokens, first_token };
  struct Stage {
    std::optional<PictureNorm> entry_input_norm;
    std::optional<Convolution> entry;
    std::optional<PictureNorm> entry_norm;
    Tensor class_token;  // [1, width]; empty: none
    Tensor positions;    // [positions, width], the class token's first; empty: none
    std::vector<PyramidLayer> layers;
    std::optional<PictureNorm> norm, map_norm;
    int64_t map_width = 0;  // of what the layers make
    std::optional<PatchMerging> merging;
    std::optional<Convolution> exit;
    std::optional<PictureNorm> exit_norm;
  };
  static Summary summary_of(const Settings& settings);
  bool gives_tokens() const { return summary_ == Summary::tokens || summary_ == Summary::first_token; }
  void add_stage(const Settings& settings, const WeightScope& scope, int64_t number);
  void add_layers(const Settings& settings, const WeightScope& scope, int64_t number, Stage& stage) const;
  // What the last stage makes of pictures; calls `seen` with what the layers of each do.
  template <class Seen>
  FeatureMap run(const Tensor& pixel_values, Workspace& workspace, const Seen& seen) const;
  bool has_map(const Stage& stage) const { return stage.map_norm || !some_map_norms_; }
  static FeatureMap enter(const Stage& stage, const FeatureMap& map, Workspace& workspace);
  static void add_positions(const Stage& stage, const FeatureMap& map);
  Tensor summarise(const FeatureMap& map, Workspace& workspace) const;

  int64_t channels_, multiple_, width_;
  Summary summary_;
  bool flat_;
  std::vector<Stage> stages_;
  bool some_map_norms_ = false;
  std::optional<PictureNorm> final_norm_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
