#include "models/layers/batch_norm.h"

#include <cmath>

namespace millrace {

BatchNorm::BatchNorm(const WeightScope& scope, int64_t channels, float epsilon) {
  const Tensor mean = scope.get_float("running_mean", {channels}),
               variance = scope.get_float("running_var", {channels});
  const Tensor gain = scope.has("weight") ? scope.get_float("weight", {channels}) : Tensor();
  const Tensor bias = scope.has("bias") ? scope.get_float("bias", {channels}) : Tensor();
  for (int64_t c = 0; c < channels; ++c) {
    const auto at = [&](const Tensor& values, double otherwise) {
      return values.empty() ? otherwise : static_cast<double>(values.data<float>()[c]);
    };
    factor_.push_back(at(gain, 1) / std::sqrt(at(variance, 1) + static_cast<double>(epsilon)));
    shift_.push_back(at(bias, 0) - at(mean, 0) * factor_.back());
  }
}

void BatchNorm::fold_into(Tensor& weight, std::vector<float>& bias) const {
  const int64_t rows = weight.dim(0), size = weight.count() / rows;
  bias.resize(static_cast<size_t>(rows), 0);
  float* value = weight.mutable_data<float>();
  for (size_t row = 0; row < bias.size(); ++row) {
    const double factor = factor_[row % factor_.size()], shift = shift_[row % shift_.size()];
    for (int64_t i = 0; i < size; ++i, ++value)
      *value = static_cast<float>(static_cast<double>(*value) * factor);
    bias[row] = static_cast<float>(static_cast<double>(bias[row]) * factor + shift);
  }
}

}  // namespace millrace
