#pragma once
#include "models/layers/norm.h"
#include "models/layers/temporal_convolution.h"
#include "models/layers/workspace.h"

namespace millrace {

// The convolution of a conformer's layer (Gulati et al., "Conformer", 2020): a norm, twice as many channels
// of which one half gates the other, a filter for each channel over time, batch normalisation, SiLU, and back
// to the width. Weights: norm; up [2 n, width, 1]; filter [n, 1, kernel] and batch_norm; down [width, n, 1].
class GatedConvolution {
 public:
  GatedConvolution(const WeightScope& scope, int64_t width, const NormOptions& norm);

  // out = out + what it makes of x, of sequences of `length` rows one after the other; x may be out.
  void forward(const Rows& x, int64_t length, const Rows& out, Workspace& workspace) const;

 private:
  void add_filter(const WeightScope& scope, const WeightScope& batch_norm);
  void filter(const Rows& x, const Rows& y) const;

  Norm norm_;
  int64_t channels_;
  TemporalConvolution up_, down_;
  int64_t kernel_ = 0;
  Tensor filters_;  // [kernel, channels]
  std::vector<float> bias_;
};

}  // namespace millrace
