#pragma once
#include <vector>

#include "base/tensor.h"
#include "models/layers/temporal_convolution.h"
#include "models/layers/transformer_layer.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// A Whisper-like audio encoder (Radford et al., 2022, section 2.2): a stem of two convolutions over a log-mel
// spectrogram, positions, pre-norm transformer layers over all frames, a final norm. Immutable: one instance
// serves all threads.
class AudioEncoder {
 public:
  AudioEncoder(const Settings& settings, const WeightScope& weights);

  int64_t bands() const { return bands_; }
  int64_t width() const { return width_; }
  int64_t positions() const { return positions_.dim(0); }  // the most that come out
  int64_t frames() const;                                  // the most that go in

  // features [windows, bands, frames] float32 to states [windows, positions, width]. Other bands or more
  // frames than the model has positions for are Error(input).
  Tensor encode(const Tensor& features) const;

 private:
  void check(const Tensor& features) const;
  void embed(const float* features, int64_t frames, const Rows& states, Workspace& workspace) const;

  int64_t bands_, width_;
  kernels::Activation stem_activation_;
  std::vector<TemporalConvolution> stem_;
  std::vector<int64_t> strides_;
  Tensor positions_;  // [positions, width]
  std::vector<TransformerLayer> layers_;
  Norm norm_;

  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
