#pragma once
#include <optional>

#include "models/layers/convolution.h"
#include "models/layers/picture_norm.h"
#include "models/layers/position_blocks.h"
#include "models/layers/window_attention.h"

namespace millrace {

struct PyramidLayerOptions {
  int64_t width = 0;
  int64_t heads = 1;              // of attention, where the checkpoint has it
  int64_t window = 0, shift = 0;  // of attention inside windows
  int64_t pool_size = 3;          // of pooling, where it has neither attention nor a convolution
  kernels::Activation activation = kernels::Activation::gelu;
  PictureNorm::Kind norm = PictureNorm::Kind::positions;
  float norm_epsilon = 1e-5f;
};

// A layer that mixes the positions of a picture and then the channels of each position, adding both to what
// came in. What mixes positions, the weights tell:
//   mixer        a convolution with a filter for each channel, with one addition in all (ConvNeXT: Liu et
//   al.,
//                2022)
//   attention    query, key, value, output; keys and values of a smaller picture where there is
//   attention.reduce
//                with attention.reduce_norm (PVT: Wang et al., 2021; SegFormer: Xie et al., 2021)
//   attention    with biases by distance: WindowAttention
//   neither      the mean of the neighbours (PoolFormer: Yu et al., 2022)
// Other weights: mixer_norm, network_norm; up and down, between them network_mixer (a filter for each
// channel) and response_norm (ConvNeXT v2's, Woo et al., 2023); mixer_gain and network_gain [width].
class PyramidLayer {
 public:
  PyramidLayer(const WeightScope& scope, const PyramidLayerOptions& options);

  // In place.
  void forward(const FeatureMap& x, Workspace& workspace) const;

 private:
  struct Attention {
    std::optional<Convolution> reduce;
    std::optional<PictureNorm> reduce_norm;
    Convolution query, key, value, output;
  };
  static std::optional<Attention> attention_in(const WeightScope& scope, const PyramidLayerOptions& options);
  void attend(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const;
  void pool(const FeatureMap& x, const FeatureMap& out) const;
  void convolve(const FeatureMap& x, const FeatureMap& y) const;
  void run_network(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const;
  void run_network(const FeatureMap& x, const FeatureMap& out, const PositionBlocks& blocks,
                   Workspace& workspace) const;
  void normalise_responses(const FeatureMap& x) const;

  PyramidLayerOptions options_;
  std::optional<Convolution> mixer_;
  std::optional<WindowAttention> window_attention_;
  std::optional<Attention> attention_;
  PictureNorm mixer_norm_;
  std::optional<PictureNorm> network_norm_;
  std::optional<Convolution> network_mixer_;
  Convolution up_, down_;
  Tensor response_gain_, response_bias_;  // [inner width]; empty: none
  Tensor mixer_gain_;                     // [width]; empty: none
};

}  // namespace millrace
