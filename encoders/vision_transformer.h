#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "encoders/image_encoder.h"
#include "encoders/patch_mask.h"
#include "models/layers/attention_pooling.h"
#include "models/layers/convolution.h"
#include "models/layers/picture_positions.h"
#include "models/layers/relative_position_bias.h"
#include "models/layers/transformer_layer.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// A transformer over the patches of pictures (Dosovitskiy et al., "An image is worth 16x16 words", 2021):
// ViT, DeiT, BEiT, DINOv2, YOLOS and their like. From the settings of transformer_layer_options and
//   channels, image_size, patch_size   of the pictures
//   position_filter  pictures may be of other sizes than image_size, and positions are resampled with it;
//                    square_positions: false   from the shape of image_size, not from that of a square
//   placed_positions: true   pictures may be of other sizes, and patches have the positions of their places
//                    (PicturePositions::at_places); pictures are square in training
//   map_layers       before which layers, counted from 1, the patches are a map for heads (0: behind the
//                    last)
//   pooling          "none", "first", "dense" (the first token's, through pooler and pooler_activation),
//                    "patches" (their mean) or "attention" (AttentionPooling)
//   normed_features: true   other models see features behind the norm; which, feature_stages says
//   last_norm, last_norm_epsilon   of the weight `norm`, where it is of another kind than the layers'
//   needs_input_norm, needs_norm, needs_pooler_norm   true: the checkpoint has to have it
// Weights: patch_embedding, layers, and where the checkpoint has them class_token, distillation_token and
// register_tokens before the patches and detection_tokens behind them, positions, layer_positions (added
// between layers: Fang et al., "You only look at one sequence", 2021), input_norm, norm, pooler, pooler_norm,
// and biases of scores by distance, of all layers (shared_distance_bias) or in each (layers.N.distance_bias).
class VisionTransformer : public Backbone {
 public:
  VisionTransformer(const Settings& settings, const WeightScope& weights);

  int64_t channels() const override { return channels_; }
  int64_t width() const override { return width_; }
  bool pools() const override { return pooling_ != Pooling::none && (pooling_ != Pooling::dense || pooler_); }
  int64_t prefix_tokens() const override { return prefix_.dim(0) + registers_.dim(0); }  // before the patches
  int64_t detection_tokens() const { return behind_.dim(0); }                            // the last rows
  ImageFeatures encode(const Tensor& pixel_values) const override;
  // With padding that nothing attends to, of each picture; what padding gives depends on the picture, too.
  ImageFeatures encode(const Tensor& pixel_values, std::span<const PatchMask> masks) const;
  int64_t patch_edge() const { return patch_.height; }
  int64_t image_edge() const { return image_.height; }  // of pictures in training
  std::vector<int64_t> map_widths() const override {
    return std::vector<int64_t>(map_layers_.size(), width_);
  }
  std::vector<FeatureMap> maps(const Tensor& pixel_values, Workspace& workspace) const override;
  // Of stage 0, the embeddings, and then of the layers, with all tokens.
  std::vector<Tensor> features(const Tensor& pixel_values, size_t skipped) const override;
  std::vector<int64_t> feature_widths() const override;
  int64_t layers() const { return std::ssize(layers_); }
  // [B, rows, width] behind each of `wanted`, in any order: 0 is what goes into the first layer.
  std::vector<Tensor> stages(const Tensor& pixel_values, std::span<const int64_t> wanted) const;

 private:
  enum class Pooling { none, first, dense, patches, attention };
  static std::optional<ResampleFilter> filter_of(const Settings& settings);
  static Pooling pooling_of(const Settings& settings);
  void add_positions(const Settings& settings, const WeightScope& weights, PictureSize patches);
  PictureSize patches_of(int64_t height, int64_t width) const;
  // Of `masks` there are none, or one for each picture.
  using Masks = std::span<const PatchMask>;
  Tensor positions_of(PictureSize patches, const PatchMask* mask) const;
  void embed(const FeatureMap& pictures, PictureSize patches, Masks masks, const Rows& states,
             Workspace& workspace) const;
  void add_pooler(const Settings& settings, const WeightScope& weights);
  void add_map_layers(const Settings& settings, const WeightScope& weights);
  FeatureMap map_of(const Rows& states, int64_t images, PictureSize patches, Workspace& workspace) const;
  // Is shown the states of some of the pictures, one after the other, behind each stage.
  using SeeStage = std::function<void(int64_t stage, const Rows& states)>;
  Tensor run(const Tensor& pixel_values, Masks masks, const SeeStage& see) const;
  void run_layers(const Rows& states, int64_t images, PictureSize patches, Masks masks, const SeeStage& see,
                  Workspace& workspace) const;
  // `states` [B, rows, width], which `state_rows` are, to [B, width].
  Tensor pool(const Tensor& states, const Rows& state_rows, Workspace& workspace) const;

  int64_t channels_, width_;
  PictureSize image_, patch_;
  std::optional<ResampleFilter> position_filter_;
  bool placed_positions_;
  Pooling pooling_;
  std::vector<int64_t> map_layers_;  // as numbers of layers that have run
  Convolution patch_embedding_;
  Tensor prefix_, registers_, behind_;  // [tokens, width]
  std::optional<PicturePositions> positions_;
  std::vector<PicturePositions> layer_positions_;  // behind the first layer, the second, …
  std::optional<Norm> input_norm_, norm_, pooler_norm_;
  std::optional<Linear> pooler_;
  kernels::Activation pooler_activation_ = kernels::Activation::none;
  bool pooler_tanh_ = true;
  std::optional<AttentionPooling> attention_pooling_;
  std::vector<TransformerLayer> layers_;
  bool normed_features_;
  std::vector<int64_t> feature_stages_;
  std::vector<RelativePositionBias> biases_;  // none, one for all layers, or one for each
  std::vector<Tensor> scores_;                // of biases_, for pictures of image_size
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
