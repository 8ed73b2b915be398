#pragma once
#include "models/layers/linear.h"

namespace millrace {

// A convolution over time, computed as one matrix product whose rows overlap. `weight` [outputs, inputs,
// kernel] as the file has it; "same" padding of kernel / 2 on both sides.
class TemporalConvolution {
 public:
  TemporalConvolution(const WeightScope& scope, int64_t outputs, int64_t inputs, int64_t stride);

  int64_t padding() const { return kernel_ / 2; }
  int64_t output_count(int64_t frames) const { return (frames + 2 * padding() - kernel_) / stride_ + 1; }

  // padded [padding + frames + padding, inputs], dense, the padding zero; y [output_count(frames), outputs].
  void forward(const Rows& padded, const Rows& y, const Linear::Epilogue& epilogue) const;

 private:
  int64_t inputs_, stride_, kernel_;
  kernels::PackedMatrix weight_;
  Tensor bias_;
};

}  // namespace millrace
