#include "encoders/square_merger.h"

#include "models/layers/activation.h"

namespace millrace {
namespace {

bool norms_squares(const WeightScope& weights, const SquareMerger::Widths& widths) {
  return weights.shape("norm.weight") == Shape{widths.patch * widths.patches};
}

}  // namespace

SquareMerger::SquareMerger(const Settings& settings, const WeightScope& weights, const Widths& widths)
    : widths_(widths),
      activation_(activation_setting(settings, "activation")),
      whole_norm_(norms_squares(weights, widths)),
      norm_(weights.at("norm"), widths.patch * (whole_norm_ ? widths.patches : 1), norm_options(settings)),
      first_(weights.at("layers.0"), widths.patch * widths.patches, widths.patch * widths.patches),
      second_(weights.at("layers.1"), widths.outputs, widths.patch * widths.patches) {}

void SquareMerger::forward(const Rows& patches, const Rows& out, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const int64_t width = widths_.patch * widths_.patches;
  const auto in_squares = [&](const Rows& rows) {
    return Rows{rows.data, rows.count / widths_.patches, width, static_cast<size_t>(width)};
  };
  const Rows normed = workspace.rows(patches.count, widths_.patch);
  if (whole_norm_)
    norm_.forward(in_squares(patches), in_squares(normed));
  else
    norm_.forward(patches, normed);
  const Rows inner = workspace.rows(out.count, width);
  first_.forward(in_squares(normed), inner, {.activation = activation_});
  second_.forward(inner, out);
}

}  // namespace millrace
