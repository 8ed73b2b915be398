#include "models/layers/picture_norm.h"

#include <cmath>

#include "base/error.h"

namespace millrace {

PictureNorm::PictureNorm(const WeightScope& scope, int64_t width, Kind kind, float epsilon)
    : kind_(kind),
      epsilon_(epsilon),
      gain_(scope.get_float("weight", {width})),
      bias_(scope.get_float("bias", {width})) {}

void PictureNorm::forward(const FeatureMap& x, const FeatureMap& y) const {
  const float *gain = gain_.data<float>(), *bias = bias_.data<float>();
  if (kind_ == Kind::positions)
    return kernels::layer_norm(x.rows.data, x.rows.count, x.rows.width, gain, bias, epsilon_, y.rows.data);
  const int64_t count = x.positions() * x.channels();
  for (int64_t image = 0; image < x.images; ++image) {
    const float* from = x.image(image);
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(from[i]);
    const double mean = sum / static_cast<double>(count);
    for (int64_t i = 0; i < count; ++i) {
      const double distance = static_cast<double>(from[i]) - mean;
      squares += distance * distance;
    }
    const double variance = squares / static_cast<double>(count);
    const auto inverse = static_cast<float>(1 / std::sqrt(variance + static_cast<double>(epsilon_)));
    const auto middle = static_cast<float>(mean);
    float* to = y.rows.row(image * y.positions());
    for (int64_t i = 0; i < count; i += x.channels())
      for (int64_t c = 0; c < x.channels(); ++c)
        to[i + c] = (from[i + c] - middle) * inverse * gain[c] + bias[c];
  }
}

PictureNorm::Kind picture_norm_kind(const Settings& settings) {
  const std::string kind = settings.text("norm", "positions");
  if (kind == "positions") return PictureNorm::Kind::positions;
  if (kind == "whole") return PictureNorm::Kind::whole;
  fail_at(ErrorKind::model, settings.where("norm"), "a norm is of 'positions' or the 'whole', not '{}'",
          kind);
}

}  // namespace millrace
