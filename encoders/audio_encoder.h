#pragma once
#include <memory>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "models/layers/temporal_convolution.h"
#include "models/layers/transformer_layer.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// A Whisper-like audio encoder (Radford et al., 2022, section 2.2): a stem of two convolutions over a log-mel
// spectrogram, positions, pre-norm transformer layers over all frames, a final norm. Beside the settings of
// the layers, all where given:
//   positions   learned or sinusoidal, of that number; without it there are none
//   rope.base, …  rotary positions instead, see RotaryEmbedding
//   pool        before the final norm, the mean of so many positions becomes one; what is left over is not
// Immutable: one instance serves all threads.
class AudioEncoder {
 public:
  AudioEncoder(const Settings& settings, const WeightScope& weights);

  int64_t bands() const { return bands_; }
  int64_t width() const { return width_; }
  int64_t positions() const;  // the most that come out of the stem
  int64_t frames() const;     // the most that go in
  // Positions that the stem makes of so many frames.
  int64_t positions_of(int64_t frames) const;

  // features [windows, bands, frames] float32 to states [windows, positions / pool, width]. Other bands or
  // more frames than the model has positions for are Error(input). `seen`: so many positions of each window
  // are attended to, what follows is padding, and 0 is all; empty: all of all.
  Tensor encode(const Tensor& features, std::span<const int64_t> seen = {}) const;

 private:
  void check(const Tensor& features) const;
  void embed(const float* features, int64_t frames, const Rows& states, Workspace& workspace) const;
  std::vector<RotaryAngles> angles(int64_t windows, int64_t positions, Workspace& workspace) const;
  void pool(const Rows& states, const Rows& out) const;

  int64_t bands_, width_;
  kernels::Activation stem_activation_;
  std::vector<TemporalConvolution> stem_;
  std::vector<int64_t> strides_;
  Tensor positions_;  // [positions, width], or empty
  std::shared_ptr<const RotaryEmbedding> rotary_;
  int64_t pool_;
  std::vector<TransformerLayer> layers_;
  Norm norm_;

  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
