#include "models/layers/norm.h"

#include "base/error.h"

namespace millrace {

NormOptions norm_options(const Settings& settings) {
  const std::string kind = settings.text("norm");
  if (kind != "layer" && kind != "rms")
    fail_at(ErrorKind::model, settings.where("norm"), "a norm is 'layer' or 'rms', not '{}'", kind);
  return {.kind = kind == "rms" ? NormOptions::Kind::rms : NormOptions::Kind::layer,
          .epsilon = static_cast<float>(settings.real("norm_epsilon"))};
}

Norm::Norm(const WeightScope& scope, int64_t width, const NormOptions& options)
    : options_(options), gain_(scope.get_float("weight", {width})) {
  if (options.kind == NormOptions::Kind::layer && scope.has("bias")) bias_ = scope.get_float("bias", {width});
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
