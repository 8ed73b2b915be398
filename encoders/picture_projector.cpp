#include "encoders/picture_projector.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/layers/activation.h"

namespace millrace {
namespace {

int64_t root(int64_t square) { return std::llround(std::floor(std::sqrt(static_cast<double>(square)))); }

int64_t side_of(int64_t patches) {
  const int64_t side = root(patches);
  if (side * side != patches)
    fail(ErrorKind::input, "{} patches are no square, as the model needs it", patches);
  return side;
}

// Patches along an edge of a square.
int64_t shuffle_of(const Settings& settings) {
  constexpr std::string_view kName = "shuffle_ratio";
  if (!settings.has(kName)) return settings.size("shuffle", 1);
  constexpr double kLeast = 1. / 64;
  const double ratio = settings.real(kName), edge = 1 / ratio;
  if (!(ratio >= kLeast && ratio <= 1) || edge != std::floor(edge))
    fail_at(ErrorKind::model, settings.where(kName), "{} is no inverse of 1 to 64", ratio);
  return static_cast<int64_t>(edge);
}

kernels::Activation activation_of(const Settings& settings) {
  return settings.has("activation") ? activation_setting(settings, "activation") : kernels::Activation::none;
}

std::optional<Norm> norm_in(const Settings& settings, const WeightScope& scope, int64_t width) {
  if (!scope.has("weight")) return std::nullopt;
  return Norm(scope, width, norm_options(settings));
}

int64_t rows_in(const WeightScope& scope) {
  const Shape shape = scope.shape("weight");
  return shape.empty() ? 0 : shape.front();
}

}  // namespace

PictureProjector::PictureProjector(const Settings& settings, const WeightScope& weights, Widths widths)
    : shuffle_(shuffle_of(settings)),
      mean_side_(root(settings.count("mean_tokens", 0))),
      activation_(activation_of(settings)),
      norm_(norm_in(settings, weights.at("norm"), widths.inputs * shuffle_ * shuffle_)),
      first_(weights.at("layers.0"),
             weights.has("layers.1.weight") ? rows_in(weights.at("layers.0")) : widths.outputs,
             widths.inputs * shuffle_ * shuffle_) {
  const auto second = weights.at("layers.1");
  if (second.has("weight")) second_.emplace(second, widths.outputs, first_.outputs());
}

// The patches of a square of the picture side by side.
Rows PictureProjector::shuffled(const Rows& patches, int64_t side, Workspace& workspace) const {
  if (side % shuffle_ != 0)
    fail(ErrorKind::input, "{} x {} patches cannot be taken {} x {} together", side, side, shuffle_,
         shuffle_);
  const int64_t less = side / shuffle_, pictures = patches.count / (side * side);
  const Rows result = workspace.rows(pictures * less * less, patches.width * shuffle_ * shuffle_);
  float* to = result.data;
  for (int64_t picture = 0; picture < pictures; ++picture)
    for (int64_t y = 0; y < less; ++y)
      for (int64_t x = 0; x < less; ++x)
        for (int64_t line = 0; line < shuffle_; ++line)
          to = std::copy_n(patches.row((picture * side + y * shuffle_ + line) * side + x * shuffle_),
                           shuffle_ * patches.width, to);
  return result;
}

// The means of squares; what is beyond the last whole one is left out.
Rows PictureProjector::averaged(const Rows& patches, int64_t side, Workspace& workspace) const {
  const int64_t size = side / mean_side_;
  if (size < 1) fail(ErrorKind::input, "{} x {} patches are too few for {} means", side, side, mean_side_);
  const int64_t less = side / size, pictures = patches.count / (side * side);
  const Rows result = workspace.rows(pictures * less * less, patches.width);
  std::fill_n(result.data, result.count * result.width, 0.f);
  for (int64_t i = 0; i < result.count; ++i) {
    const int64_t picture = i / (less * less), top = i / less % less * size, left = i % less * size;
    for (int64_t y = top; y < top + size; ++y)
      for (int64_t x = left; x < left + size; ++x)
        kernels::add(patches.row((picture * side + y) * side + x), patches.width, result.row(i));
    for (float& value : std::span(result.row(i), static_cast<size_t>(result.width)))
      value /= static_cast<float>(size * size);
  }
  return result;
}

Rows PictureProjector::reduced(const Rows& patches, int64_t side, Workspace& workspace) const {
  if (shuffle_ > 1) return shuffled(patches, side, workspace);
  return averaged(patches, side, workspace);
}

Tensor PictureProjector::project(const Tensor& patches) const {
  const int64_t pictures = patches.dim(0), width = patches.dim(2);
  // Only read, though Rows is a view that may be written through.
  Rows rows = {const_cast<float*>(patches.data<float>()), pictures * patches.dim(1), width,
               static_cast<size_t>(width)};
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  if (reduces()) rows = reduced(rows, side_of(patches.dim(1)), *workspace);
  if (norm_) {
    const Rows normed = (*workspace).rows(rows.count, rows.width);
    norm_->forward(rows, normed);
    rows = normed;
  }
  Tensor result(DType::float32, {pictures, rows.count / pictures, outputs()});
  if (!second_) {
    first_.forward(rows, rows_of(result));
    return result;
  }
  const Rows inner = (*workspace).rows(rows.count, first_.outputs());
  first_.forward(rows, inner, {.activation = activation_});
  second_->forward(inner, rows_of(result));
  return result;
}

}  // namespace millrace
