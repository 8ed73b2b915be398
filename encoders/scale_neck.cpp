#include "encoders/scale_neck.h"

#include "base/error.h"
#include "models/layers/pooling.h"

namespace millrace {

ScaleNeck::ScaleNeck(const WeightScope& weights, int64_t width)
    : enlargings_(enlargings_in(weights, width)) {}

std::vector<TransposedConvolution> ScaleNeck::enlargings_in(const WeightScope& weights, int64_t width) {
  std::vector<TransposedConvolution> result;
  for (const int64_t i : {0, 1, 2}) {
    result.emplace_back(
        weights.at("enlarge", i), weights.at("enlarge_norms", i),
        TransposedConvolutionOptions{
            .inputs = width, .activation = i == 0 ? kernels::Activation::gelu : kernels::Activation::none});
    if (result.back().outputs() != width)
      fail_at(ErrorKind::model, weights.place("enlarge." + std::to_string(i) + ".weight"),
              "has {} outputs, but the maps have {} channels", result.back().outputs(), width);
  }
  return result;
}

std::vector<FeatureMap> ScaleNeck::run(const std::vector<FeatureMap>& maps, Workspace& workspace) const {
  const auto first = enlargings_[0].forward(maps[0], workspace);
  return {enlargings_[1].forward(first, workspace), enlargings_[2].forward(maps[1], workspace), maps[2],
          max_pool(maps[3], 2, 2, 0, workspace)};
}

}  // namespace millrace
