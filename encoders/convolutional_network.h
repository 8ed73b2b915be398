#pragma once
#include <optional>
#include <variant>
#include <vector>

#include "encoders/image_encoder.h"
#include "models/layers/convolutional_block.h"
#include "models/layers/patch_transformer.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// A network of convolutional blocks in stages: ResNet, RegNet, MobileNet v2, EfficientNet, and MobileViT
// whose stages may end with layers of a transformer. How many channels and blocks there are and how wide the
// filters, the weights tell. From the settings
//   channels             of the pictures
//   activation           behind convolutions; block_activation: inside blocks, squeeze_activation: inside
//                        squeeze-and-excitation, where these are others
//   stem_strides         of the convolutions at the beginning, stem.N, those that the checkpoint has; with
//                        stem_linear the last has no activation, with stem_pool a max pool of 3 follows
//   strides, repeats     of each stage, and how many blocks it has, times depth_factor (rounded up); without
//                        strides, first_stride and then 2; without repeats, as many as the checkpoint has,
//                        where blocks.N with another number of channels begins a stage
//   out_indices, …       see feature_stages
//   output_stride        once pictures have shrunk by so much, dilation replaces strides
//   stride_first, activated_sum (by the activation), padding ("half", "late", "same"), batch_norm_epsilon of
//   the blocks, see
//                        ConvolutionalBlock; half_blocks are those that have "half" nevertheless;
//                        first_residual: false   the first block of a stage adds nothing
//   pooling              "mean" or "max"; pooled_map: true   as a map of one position
//   patch_size, cropped_patches, heads, norm, norm_epsilon of PatchTransformer
// Weights: stem.N and stem_norms.N; stages.N.layers.M, or blocks.N of all stages; stages.N.patches behind
// the stage's layers; head and head_norm.
class ConvolutionalNetwork : public Backbone {
 public:
  ConvolutionalNetwork(const Settings& settings, const WeightScope& weights);

  int64_t channels() const override { return channels_; }
  int64_t width() const override { return width_; }
  bool pools() const override { return true; }
  ImageFeatures encode(const Tensor& pixel_values) const override;
  // That of the last block, before the head.
  std::vector<int64_t> map_widths() const override { return {map_width_}; }
  std::vector<FeatureMap> maps(const Tensor& pixel_values, Workspace& workspace) const override;
  // Of the stages, counted from 1; 0 is what goes into the first.
  std::vector<Tensor> features(const Tensor& pixel_values, size_t skipped) const override;
  std::vector<int64_t> feature_widths() const override;

 private:
  void add_stem(const Settings& settings, const WeightScope& weights);
  void add_blocks(const Settings& settings, const WeightScope& weights);
  ConvolutionalBlockOptions block_options(const Settings& settings) const;
  PatchTransformerOptions patch_options(const Settings& settings) const;

  void choose_features(const Settings& settings);
  FeatureMap enter(const FeatureMap& pictures, Workspace& workspace) const;

  int64_t channels_, stem_width_ = 0, width_;  // width_: of what the last layer so far gives
  int64_t map_width_ = 0;
  float epsilon_;
  kernels::Activation activation_;
  std::vector<Convolution> stem_;
  bool stem_pool_, pooled_map_, largest_;
  std::vector<std::variant<ConvolutionalBlock, PatchTransformer>> blocks_;
  std::vector<size_t> stage_ends_;    // the first block behind each stage
  std::vector<size_t> feature_ends_;  // the first behind each that gives features
  std::optional<Convolution> head_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
