#include "encoders/atrous_head.h"

#include "base/error.h"
#include "models/layers/convolutional_block.h"
#include "models/layers/pooling.h"
#include "models/layers/resample.h"

namespace millrace {
namespace {

constexpr float kBatchNormEpsilon = 1e-5f;

Convolution convolution(const WeightScope& scope, const WeightScope& norm, int64_t inputs, int64_t rate) {
  return normed_convolution(scope, norm,
                            {.inputs = inputs,
                             .dilation = rate,
                             .padding = {.kind = ConvolutionPadding::Kind::half},
                             .activation = kernels::Activation::relu},
                            kBatchNormEpsilon);
}

std::vector<Convolution> branches_in(const Settings& settings, const WeightScope& weights, int64_t inputs) {
  std::vector<int64_t> rates = {1};
  if (settings.has("atrous_rates"))
    for (const int64_t rate : settings.sizes("atrous_rates")) rates.push_back(rate);
  std::vector<Convolution> branches;
  for (int64_t i = 0; weights.at("branches", i).has("weight"); ++i) {
    if (i >= std::ssize(rates))
      fail_at(ErrorKind::model, settings.has("atrous_rates") ? settings.where("atrous_rates") : "the model",
              "has {} rates, too few for the checkpoint's branches", rates.size() - 1);
    branches.push_back(convolution(weights.at("branches", i), weights.at("branch_norms", i), inputs,
                                   rates[static_cast<size_t>(i)]));
  }
  return branches;
}

}  // namespace

AtrousHead::AtrousHead(const Settings& settings, const WeightScope& weights, std::span<const int64_t> widths)
    : pooled_first_(settings.flag("pooled_first", false)),
      branches_(branches_in(settings, weights, widths.back())),
      pooled_(convolution(weights.at("pooled"), weights.at("pooled_norm"), widths.back(), 1)),
      joined_(convolution(weights.at("joined"), weights.at("joined_norm"), joined_width(), 1)),
      classifier_(weights.at("classifier"), {.inputs = joined_.outputs()}) {}

int64_t AtrousHead::joined_width() const {
  int64_t width = pooled_.outputs();
  for (const auto& branch : branches_) width += branch.outputs();
  return width;
}

FeatureMap AtrousHead::run(std::span<const FeatureMap> maps, Workspace& workspace) const {
  const FeatureMap& map = maps.back();
  const auto joined = make_feature_map(workspace, map.images, map.height, map.width, joined_width());
  int64_t column = 0;
  const auto add = [&](const FeatureMap& part) {
    copy_columns(resampled(part, map.height, map.width, workspace), joined, column);
    column += part.channels();
  };
  const auto means = make_feature_map(workspace, map.images, 1, 1, map.channels());
  mean_over_positions(map, means.rows);
  const auto pooled = pooled_.forward(means, workspace);
  if (pooled_first_) add(pooled);
  for (const auto& branch : branches_) add(branch.forward(map, workspace));
  if (!pooled_first_) add(pooled);
  return classifier_.forward(joined_.forward(joined, workspace), workspace);
}

}  // namespace millrace
