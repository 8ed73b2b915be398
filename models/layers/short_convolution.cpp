#include "models/layers/short_convolution.h"

#include <algorithm>

namespace millrace {

ShortConvolution::ShortConvolution(const WeightScope& scope, int64_t width, int64_t length)
    : width_(width),
      length_(length),
      input_(scope.at("input"), 3 * width, width),
      output_(scope.at("output"), width, width),
      kernel_(DType::float32, {length, width}) {
  const bool flat = scope.shape("kernel.weight").size() == 2;  // as GGUF files have it
  const Tensor kernel =
      scope.get_float("kernel.weight", flat ? Shape{width, length} : Shape{width, 1, length});
  for (int64_t channel = 0; channel < width; ++channel)
    for (int64_t i = 0; i < length; ++i)
      kernel_.mutable_data<float>()[i * width + channel] = kernel.data<float>()[channel * length + i];
  if (scope.has("kernel.bias")) bias_ = scope.get_float("kernel.bias", {width});
}

void ShortConvolution::forward(const Rows& x, const StepRows& step, const Rows& out, bool residual,
                               Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  Rows given = x;
  if (std::ranges::any_of(step.sequences, [](const auto& s) { return s.tokens != nullptr; })) {
    given = workspace.rows(x.count, x.width);
    for (const auto& sequence : step.sequences)
      for (int64_t i = 0; i < sequence.rows; ++i) {
        const int64_t row = sequence.first_row + i;
        if (sequence.tokens[i] != 0)
          std::copy_n(x.row(row), x.width, given.row(row));
        else
          std::fill_n(given.row(row), x.width, 0.f);
      }
  }
  const Rows projected = workspace.rows(x.count, 3 * width_), mixed = workspace.rows(x.count, width_);
  input_.forward(given, projected);
  const Rows b = projected.columns(0, width_), c = projected.columns(width_, width_),
             signal = projected.columns(2 * width_, width_);
  for (const auto& sequence : step.sequences) {
    const auto at = [&](int64_t position) {  // b * x there
      if (sequence.keys == nullptr) return signal.row(sequence.first_row + position);
      return reinterpret_cast<float*>(sequence.keys +
                                      static_cast<size_t>(position) * sequence.position_bytes);
    };
    for (int64_t i = 0; i < sequence.rows; ++i) {
      const int64_t row = sequence.first_row + i, position = sequence.position + i;
      float *product = at(position), *sum = mixed.row(row);
      for (int64_t channel = 0; channel < width_; ++channel)
        product[channel] = b.row(row)[channel] * signal.row(row)[channel];
      if (bias_.empty())
        std::fill_n(sum, width_, 0.f);
      else
        std::copy_n(bias_.data<float>(), width_, sum);
      for (int64_t tap = std::max<int64_t>(0, length_ - 1 - position); tap < length_; ++tap) {
        const float *weight = kernel_.data<float>() + tap * width_,
                    *before = at(position - length_ + 1 + tap);
        for (int64_t channel = 0; channel < width_; ++channel)
          sum[channel] += weight[channel] * before[channel];
      }
      for (int64_t channel = 0; channel < width_; ++channel) sum[channel] *= c.row(row)[channel];
    }
  }
  output_.forward(mixed, out, {.residual = residual ? out.data : nullptr});
}

}  // namespace millrace
