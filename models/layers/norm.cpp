#include "models/layers/norm.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {

namespace {

NormOptions options_named(const Settings& settings, const std::string& name) {
  const std::string kind = settings.text(name);
  if (kind != "layer" && kind != "rms")
    fail_at(ErrorKind::model, settings.where(name), "a norm is 'layer' or 'rms', not '{}'", kind);
  return {.kind = kind == "rms" ? NormOptions::Kind::rms : NormOptions::Kind::layer,
          .epsilon = static_cast<float>(settings.real(name + "_epsilon")),
          .gain_offset = static_cast<float>(settings.real(name + "_gain_offset", 0)),
          .has_weights = settings.flag(name + "_weights", true)};
}

}  // namespace

NormOptions norm_options(const Settings& settings) { return options_named(settings, "norm"); }

NormOptions norm_options(const Settings& settings, const std::string& kind) {
  const std::string name = kind + "_norm";
  return options_named(settings, settings.has(name) ? name : "norm");
}

Tensor norm_gains(const WeightScope& scope, const Shape& shape, const NormOptions& options) {
  if (options.has_weights && options.gain_offset == 0) return scope.get_float("weight", shape);
  Tensor gains(DType::float32, shape);
  float* to = gains.mutable_data<float>();
  if (!options.has_weights) {
    std::fill_n(to, gains.count(), 1.f);
    return gains;
  }
  const Tensor stored = scope.get_float("weight", shape);
  std::ranges::transform(stored.values<float>(), to, [&](float gain) { return gain + options.gain_offset; });
  return gains;
}

Norm::Norm(const WeightScope& scope, int64_t width, const NormOptions& options)
    : options_(options), gain_(norm_gains(scope, {width}, options)) {
  if (options.kind == NormOptions::Kind::layer && options.has_weights && scope.has("bias"))
    bias_ = scope.get_float("bias", {width});
}

void Norm::forward(const Rows& x, const Rows& y) const {
  assert(x.dense() && y.dense());
  if (options_.kind == NormOptions::Kind::rms)
    kernels::rms_norm(x.data, x.count, x.width, gain_.data<float>(), options_.epsilon, y.data);
  else
    kernels::layer_norm(x.data, x.count, x.width, gain_.data<float>(),
                        bias_.empty() ? nullptr : bias_.data<float>(), options_.epsilon, y.data);
}

}  // namespace millrace
