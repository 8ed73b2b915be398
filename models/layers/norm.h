#pragma once
#include "models/layers/rows.h"
#include "models/settings.h"
#include "models/weights.h"

namespace millrace {

struct NormOptions {
  enum class Kind { layer, rms };
  Kind kind = Kind::layer;
  float epsilon = 1e-5f;
  float gain_offset = 0;    // added to the gains of the checkpoint: Gemma's are 1 less
  bool has_weights = true;  // else the gains are 1
};

// From the settings `norm` ("layer" or "rms"), `norm_epsilon`, and where given `norm_gain_offset` and
// `norm_weights`.
NormOptions norm_options(const Settings& settings);
// The same from settings whose names begin with `kind` and "_" ("head_norm", "head_norm_epsilon"), where
// there are such.
NormOptions norm_options(const Settings& settings, const std::string& kind);

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

// The gains of a norm, with the options' offset; ones where they have no weights.
Tensor norm_gains(const WeightScope& scope, const Shape& shape, const NormOptions& options);

}  // namespace millrace
