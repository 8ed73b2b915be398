#pragma once
#include "models/layers/rows.h"
#include "models/settings.h"
#include "models/weights.h"

namespace millrace {

struct NormOptions {
  enum class Kind { layer, rms };
  Kind kind = Kind::layer;
  float epsilon = 1e-5f;
};

// From the settings `norm` ("layer" or "rms") and `norm_epsilon`.
NormOptions norm_options(const Settings& settings);

// Layer normalisation (Ba et al., 2016) or its root mean square variant (Zhang and Sennrich, 2019), with a
// gain and, where the checkpoint has one, a bias.
class Norm {
 public:
  Norm(const WeightScope& scope, int64_t width, const NormOptions& options);
  // Dense rows; y may be x.
  void forward(const Rows& x, const Rows& y) const;

 private:
  NormOptions options_;
  Tensor gain_, bias_;
};

}  // namespace millrace
