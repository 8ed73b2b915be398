#include "models/layers/head_norm.h"

#include <algorithm>
#include <string>

namespace millrace {
namespace {

// The norms of single heads, one below the other.
Tensor stacked(const WeightScope& scope, std::string_view name, int64_t heads, int64_t head_dim) {
  Tensor result(DType::float32, {heads, head_dim});
  float* to = result.mutable_data<float>();
  for (int64_t head = 0; head < heads; ++head) {
    const Tensor one = scope.get_float(std::to_string(head) + "." + std::string(name), {head_dim});
    to = std::ranges::copy(one.values<float>(), to).out;
  }
  return result;
}

}  // namespace

HeadNorm::HeadNorm(const WeightScope& scope, int64_t heads, int64_t head_dim, const NormOptions& options)
    : options_(options), groups_(heads), width_(head_dim), shared_(false) {
  if (!scope.has("weight")) {
    gain_ = stacked(scope, "weight", heads, head_dim);
    if (scope.has("0.bias")) bias_ = stacked(scope, "bias", heads, head_dim);
    return;
  }
  Shape shape = scope.shape("weight");
  if (shape == Shape{head_dim}) {
    shared_ = true;
  } else if (shape.size() == 1) {
    groups_ = 1;
    width_ = heads * head_dim;
    shape = {width_};
  } else {
    shape = {heads, head_dim};
  }
  gain_ = norm_gains(scope, shape, options);
  if (options.kind == NormOptions::Kind::layer && scope.has("bias")) bias_ = scope.get_float("bias", shape);
}

void HeadNorm::forward(const Rows& x) const {
  const int64_t calls = shared_ ? 1 : groups_, together = shared_ ? groups_ : 1;
  for (int64_t i = 0; i < x.count; ++i) {
    for (int64_t c = 0; c < calls; ++c) {
      float* part = x.row(i) + c * width_;
      const float* gain = gain_.data<float>() + c * width_;
      if (options_.kind == NormOptions::Kind::rms)
        kernels::rms_norm(part, together, width_, gain, options_.epsilon, part);
      else
        kernels::layer_norm(part, together, width_, gain,
                            bias_.empty() ? nullptr : bias_.data<float>() + c * width_, options_.epsilon,
                            part);
    }
  }
}

}  // namespace millrace
