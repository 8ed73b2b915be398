#include "models/layers/upscaling.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

// What a batch normalisation makes of a channel: factor * x + shift.
struct ChannelLines {
  std::vector<double> factor, shift;
};

ChannelLines channel_lines(const WeightScope& norm, int64_t channels, float epsilon) {
  ChannelLines lines{std::vector<double>(static_cast<size_t>(channels), 1.),
                     std::vector<double>(static_cast<size_t>(channels), 0.)};
  if (!norm.has("running_var")) return lines;
  const Tensor mean = norm.get_float("running_mean", {channels}),
               variance = norm.get_float("running_var", {channels}),
               gain = norm.get_float("weight", {channels}), bias = norm.get_float("bias", {channels});
  for (int64_t c = 0; c < channels; ++c) {
    const auto at = [&](const Tensor& values) { return static_cast<double>(values.data<float>()[c]); };
    const auto i = static_cast<size_t>(c);
    lines.factor[i] = at(gain) / std::sqrt(at(variance) + static_cast<double>(epsilon));
    lines.shift[i] = at(bias) - at(mean) * lines.factor[i];
  }
  return lines;
}

}  // namespace

Upscaling::Upscaling(const WeightScope& scope, const WeightScope& norm, const Options& options)
    : options_(options) {
  const Tensor stored = scope.get_any("weight", 4).to_float32();
  const int64_t inputs = options.inputs;
  outputs_ = stored.dim(1), size_ = stored.dim(2);
  if (stored.empty() || stored.dim(0) != inputs || stored.dim(3) != size_)
    fail_at(ErrorKind::model, scope.place("weight"), "has shape {}, but squares of {} inputs were expected",
            to_string(stored.shape()), inputs);
  const auto lines = channel_lines(norm, outputs_, options.batch_norm_epsilon);
  const Tensor bias = scope.has("bias") ? scope.get_float("bias", {outputs_}) : Tensor();
  const int64_t places = size_ * size_;
  Tensor rows(DType::float32, {places * outputs_, inputs});
  float* to = rows.mutable_data<float>();
  for (int64_t place = 0; place < places; ++place)
    for (int64_t o = 0; o < outputs_; ++o) {
      const double factor = lines.factor[static_cast<size_t>(o)];
      for (int64_t i = 0; i < inputs; ++i)
        *to++ = static_cast<float>(
            factor * static_cast<double>(stored.data<float>()[(i * outputs_ + o) * places + place]));
      const double own = bias.empty() ? 0. : static_cast<double>(bias.data<float>()[o]);
      bias_.push_back(static_cast<float>(own * factor + lines.shift[static_cast<size_t>(o)]));
    }
  weight_ = kernels::pack_matrix(rows, scope.type());
}

FeatureMap Upscaling::forward(const FeatureMap& x, Workspace& workspace) const {
  const auto y = make_feature_map(workspace, x.images, x.height * size_, x.width * size_, outputs_);
  const Workspace::Frame frame(workspace);
  const Rows squares = workspace.rows(x.rows.count, size_ * size_ * outputs_);
  kernels::matmul(weight_, {.a = x.rows.data,
                            .a_stride = x.rows.stride,
                            .rows = x.rows.count,
                            .bias = bias_.data(),
                            .activation = options_.activation,
                            .c = squares.data,
                            .c_stride = squares.stride});
  for (int64_t row = 0; row < squares.count; ++row) {
    const float* from = squares.row(row);
    const int64_t line = row / x.width * size_, column = row % x.width * size_;
    for (int64_t place = 0; place < size_ * size_; ++place, from += outputs_)
      std::copy_n(from, outputs_, y.rows.row((line + place / size_) * y.width + column + place % size_));
  }
  return y;
}

}  // namespace millrace
