#pragma once
#include <optional>
#include <variant>

#include "models/layers/convolution.h"
#include "models/layers/focal_modulation.h"
#include "models/layers/picture_attention.h"
#include "models/layers/picture_norm.h"
#include "models/layers/position_blocks.h"
#include "models/layers/separable_attention.h"
#include "models/layers/window_attention.h"

namespace millrace {

struct PyramidLayerOptions {
  int64_t width = 0;
  kernels::Activation activation = kernels::Activation::gelu;
  PictureNorm::Kind norm = PictureNorm::Kind::positions;
  float norm_epsilon = 1e-5f;
  bool norm_after = false;        // what is added is normalised, not what it is made of
  int64_t pool_size = 3;          // of pooling, where the checkpoint has neither attention nor a convolution
  bool normalised = false;        // of FocalModulation
  WindowAttentionOptions window;  // of attention inside windows
  PictureAttentionOptions attention;  // of attention to the whole picture
};

// A layer that mixes the positions of a picture and then the channels of each position, adding both to what
// came in. What mixes positions, the weights tell:
//   mixer        a convolution with a filter for each channel, with one addition in all (ConvNeXT: Liu et
//                al., 2022)
//   attention    PictureAttention, WindowAttention or SeparableAttention
//   modulation   FocalModulation
//   neither      the mean of the neighbours (PoolFormer: Yu et al., 2022)
// Other weights: mixer_norm, network_norm; up and down, between them network_mixer (a filter for each
// channel) and response_norm (ConvNeXT v2's, Woo et al., 2023); mixer_gain and network_gain [width].
class PyramidLayer {
 public:
  PyramidLayer(const WeightScope& scope, const PyramidLayerOptions& options);

  // In place.
  void forward(const FeatureMap& x, Workspace& workspace) const;

 private:
  struct NeighbourPooling {
    int64_t size;
    void forward(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const;
  };
  using Mixer =
      std::variant<NeighbourPooling, PictureAttention, WindowAttention, SeparableAttention, FocalModulation>;
  static Mixer mixer_in(const WeightScope& scope, const PyramidLayerOptions& options);

  void convolve(const FeatureMap& x, const FeatureMap& y, Workspace& workspace) const;
  void mix(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const;
  void run_network(const FeatureMap& x, const FeatureMap& out, const float* residual,
                   Workspace& workspace) const;
  void run_network(const FeatureMap& x, const FeatureMap& out, const float* residual,
                   const PositionBlocks& blocks, Workspace& workspace) const;
  void normalise_responses(const FeatureMap& x) const;

  bool norm_after_;
  std::optional<Convolution> convolution_;
  Mixer mixer_;
  PictureNorm mixer_norm_;
  std::optional<PictureNorm> network_norm_;
  std::optional<Convolution> network_mixer_;
  Convolution up_, down_;
  Tensor response_gain_, response_bias_;  // [inner width]; empty: none
  Tensor mixer_gain_, network_gain_;      // [width]; empty: none, or folded into down
};

}  // namespace millrace
