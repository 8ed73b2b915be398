#include "models/layers/squeeze_excite.h"

#include "models/layers/pooling.h"

namespace millrace {

SqueezeExcite::SqueezeExcite(const WeightScope& scope, int64_t channels, kernels::Activation activation)
    : reduce_(scope.at("reduce"), {.inputs = channels, .activation = activation}),
      expand_(scope.at("expand"), {.inputs = reduce_.outputs(), .activation = kernels::Activation::sigmoid}) {
}

void SqueezeExcite::forward(const FeatureMap& x, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const auto means = make_feature_map(workspace, x.images, 1, 1, x.channels());
  mean_over_positions(x, means.rows);
  const auto weights = expand_.forward(reduce_.forward(means, workspace), workspace);
  for (int64_t image = 0; image < x.images; ++image) {
    const float* weight = weights.rows.row(image);
    for (int64_t i = 0; i < x.positions(); ++i) {
      float* pixel = x.rows.row(image * x.positions() + i);
      for (int64_t c = 0; c < x.channels(); ++c) pixel[c] *= weight[c];
    }
  }
}

}  // namespace millrace
