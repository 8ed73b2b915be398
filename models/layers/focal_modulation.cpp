#include "models/layers/focal_modulation.h"

#include <algorithm>

#include "base/error.h"
#include "models/layers/pooling.h"

namespace millrace {
namespace {

constexpr auto kActivation = kernels::Activation::gelu;  // whatever the networks have

std::vector<Convolution> levels_in(const WeightScope& scope, int64_t width) {
  std::vector<Convolution> levels;
  while (scope.at("levels", std::ssize(levels)).has("weight")) {
    const auto own = scope.at("levels", std::ssize(levels));
    levels.emplace_back(own, ConvolutionOptions{.inputs = width,
                                                .padding = {.kind = ConvolutionPadding::Kind::half},
                                                .activation = kActivation});
    if (levels.back().outputs() != width || levels.back().kernel_height() % 2 == 0)
      fail_at(ErrorKind::model, own.place("weight"),
              "{} filters of an odd size were expected, not {} of size {}", width, levels.back().outputs(),
              levels.back().kernel_height());
  }
  return levels;
}

// sum += gate * context, each position by its own.
void add_gated(const FeatureMap& context, const Rows& gates, int64_t level, const FeatureMap& sum) {
  for (int64_t row = 0; row < sum.rows.count; ++row) {
    const float gate = gates.row(row)[level];
    const float* from = context.rows.row(row);
    for (int64_t c = 0; c < sum.channels(); ++c) sum.rows.row(row)[c] += gate * from[c];
  }
}

// The same with one mean for each picture.
void add_gated_means(const Rows& means, const Rows& gates, int64_t level, const FeatureMap& sum) {
  for (int64_t row = 0; row < sum.rows.count; ++row) {
    const float gate = gates.row(row)[level];
    const float* from = means.row(row / sum.positions());
    for (int64_t c = 0; c < sum.channels(); ++c) sum.rows.row(row)[c] += gate * from[c];
  }
}

}  // namespace

FocalModulation::FocalModulation(const WeightScope& scope, const FocalModulationOptions& options)
    : options_(options),
      levels_(levels_in(scope, options.width)),
      input_(scope.at("input"), 2 * options.width + std::ssize(levels_) + 1, options.width),
      output_(scope.at("output"), options.width, options.width),
      context_(scope.at("context"), {.inputs = options.width}) {
  if (context_.outputs() != options.width || context_.kernel_height() != 1)
    fail_at(ErrorKind::model, scope.place("context.weight"),
            "{} filters of one pixel were expected, not {} of size {}", options.width, context_.outputs(),
            context_.kernel_height());
  if (scope.has("norm.weight"))
    norm_.emplace(scope.at("norm"), options.width, PictureNorm::Kind::positions, options.norm_epsilon);
}

// The context of all levels, each by its gate.
void FocalModulation::gather(const Rows& gates, FeatureMap context, const FeatureMap& sum,
                             Workspace& workspace) const {
  std::fill_n(sum.rows.data, sum.rows.count * sum.channels(), 0.f);
  int64_t level = 0;
  for (const auto& filters : levels_) {
    context = filters.forward(context, workspace);
    add_gated(context, gates, level++, sum);
  }
  const Rows means = workspace.rows(context.images, context.channels());
  mean_over_positions(context, means);
  kernels::activate(kActivation, means.data, means.count * means.width);
  add_gated_means(means, gates, level, sum);
  if (!options_.normalised) return;
  for (float& value : std::span(sum.rows.data, static_cast<size_t>(sum.rows.count * sum.channels())))
    value /= static_cast<float>(level + 1);
}

void FocalModulation::forward(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const int64_t width = options_.width;
  const auto like_x = [&] { return make_feature_map(workspace, x.images, x.height, x.width, width); };
  const Rows projected = workspace.rows(x.rows.count, input_.outputs());
  input_.forward(x.rows, projected);
  const FeatureMap context = like_x(), sum = like_x(), modulator = like_x();
  for (int64_t row = 0; row < projected.count; ++row)
    std::copy_n(projected.row(row) + width, width, context.rows.row(row));
  gather(projected.columns(2 * width, std::ssize(levels_) + 1), context, sum, workspace);
  context_.forward(sum, modulator, nullptr, workspace);
  for (int64_t row = 0; row < projected.count; ++row)
    for (int64_t c = 0; c < width; ++c) modulator.rows.row(row)[c] *= projected.row(row)[c];
  if (norm_) norm_->forward(modulator, modulator);
  output_.forward(modulator.rows, out.rows);
}

}  // namespace millrace
