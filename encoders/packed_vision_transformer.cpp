#include "encoders/packed_vision_transformer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/layers/picture_positions.h"
#include "models/layers/resample.h"

namespace millrace {
namespace {

TransformerLayerOptions layer_options(const Settings& settings) {
  auto options = transformer_layer_options(settings, /*causal=*/false);
  if (settings.at("rope").has("base"))
    options.attention.rotary =
        std::make_shared<const RotaryEmbedding>(settings.at("rope"), options.attention.head_dim);
  return options;
}

int64_t values_of_patch(const Settings& settings) {
  constexpr int64_t kLargest = 1 << 12;
  int64_t values = 1;
  for (const char* name : {"channels", "frames", "patch_size", "patch_size"}) {
    const int64_t size = settings.size(name);
    if (size > kLargest) fail_at(ErrorKind::model, settings.where(name), "{} is too large", size);
    values *= size;
  }
  return values;
}

int64_t window_of(const Settings& settings, int64_t merge) {
  if (!settings.has("window")) return 0;
  const int64_t pixels = settings.size("window"), squares = pixels / merge / settings.size("patch_size");
  if (squares < 1)
    fail_at(ErrorKind::model, settings.where("window"),
            "windows of {} pixels have no whole square of patches", pixels);
  return squares;
}

// [side, side, width]; what is beyond the largest square is never used.
Tensor positions_in(const WeightScope& weights, int64_t width) {
  constexpr std::string_view kName = "positions.weight";
  if (!weights.has(kName)) return {};
  const Tensor rows = rows_of_weight(weights, kName, width);
  const auto side = static_cast<int64_t>(std::sqrt(static_cast<double>(rows.dim(0))));
  return Tensor::from<float>({side, side, width},
                             rows.values<float>().first(static_cast<size_t>(side * side * width)));
}

}  // namespace

PackedVisionTransformer::PackedVisionTransformer(const Settings& settings, const WeightScope& weights)
    : options_(layer_options(settings)),
      merge_(settings.size("merge")),
      window_(window_of(settings, merge_)),
      line_order_(settings.flag("line_order", false)),
      align_corners_(settings.flag("align_corners", false)),
      patch_embedding_(Linear::of_filters(weights.at("patch_embedding"), options_.attention.width,
                                          values_of_patch(settings))),
      positions_(positions_in(weights, options_.attention.width)) {
  if (settings.has("full_layers")) full_layers_ = settings.counts("full_layers");
  if (settings.has("deep_layers")) deep_layers_ = settings.counts("deep_layers");
  const int64_t count = settings.count("layers");
  for (const int64_t layer : deep_layers_)
    if (layer >= count || std::ranges::count(deep_layers_, layer) > 1)
      fail_at(ErrorKind::model, settings.where("deep_layers"),
              "the layer {} is given twice, or is none of the encoder's {}", layer, count);
  for (int64_t i = 0; i < count; ++i) layers_.emplace_back(weights.at("layers", i), options_);
  if (weights.has("norm.weight")) norm_.emplace(weights.at("norm"), options_.attention.width, options_.norm);
}

bool PackedVisionTransformer::sees_all(int64_t layer) const {
  return window_ == 0 || std::ranges::count(full_layers_, layer) > 0;
}

void PackedVisionTransformer::add_positions(const PatchGrid& grid, const PatchOrder& order,
                                            const Rows& states) const {
  Tensor placed(DType::float32, {grid.height, grid.width, states.width});
  resample({.filter = ResampleFilter::bilinear,
            .x = positions_.data<float>(),
            .height = positions_.dim(0),
            .width = positions_.dim(1),
            .channels = states.width,
            .y = placed.mutable_data<float>(),
            .out_height = grid.height,
            .out_width = grid.width,
            .align_corners = align_corners_});
  const Rows rows = rows_of(placed);
  for (int64_t i = 0; i < states.count; ++i) {
    const auto& [time, y, x] = order.positions[static_cast<size_t>(i)];
    kernels::add(rows.row(y * grid.width + x), states.width, states.row(i));
  }
}

Rows PackedVisionTransformer::embed(const float* patches, const PatchGrid& grid, const PatchOrder& order,
                                    Workspace& workspace) const {
  const int64_t values = patch_values(), square = merge_ * merge_;
  const Rows states = workspace.rows(grid.patches(), width());
  const Workspace::Frame frame(workspace);
  const Rows ordered = workspace.rows(states.count, values);
  for (int64_t i = 0; i < states.count; ++i) {
    const int64_t from = line_order_ ? order.places[static_cast<size_t>(i)]
                                     : order.squares[static_cast<size_t>(i / square)] * square + i % square;
    std::copy_n(patches + from * values, values, ordered.row(i));
  }
  patch_embedding_.forward(ordered, states);
  if (!positions_.empty()) add_positions(grid, order, states);
  return states;
}

PackedVisionTransformer::Encoded PackedVisionTransformer::encode(const float* patches, const PatchGrid& grid,
                                                                 Workspace& workspace) const {
  Encoded result{.order = patch_order(grid, merge_, window_), .states = {}, .deep = {}};
  result.states = embed(patches, grid, result.order, workspace);
  const Rows& states = result.states;
  for (size_t i = 0; i < deep_layers_.size(); ++i)
    result.deep.push_back(workspace.rows(states.count, states.width));
  std::vector<RotaryAngles> angles;
  if (const auto& rotary = options_.attention.rotary) {
    angles.push_back(rotary->room(states.count, workspace));
    rotary->angles(result.order.positions, states.count, angles.front());
  }
  for (int64_t layer = 0; layer < std::ssize(layers_); ++layer) {
    const auto& sequences = sees_all(layer) ? result.order.frames : result.order.windows;
    layers_[static_cast<size_t>(layer)].forward(
        states, {.sequences = sequences, .memories = {}, .angles = angles}, workspace);
    for (size_t i = 0; i < deep_layers_.size(); ++i)
      if (deep_layers_[i] == layer)
        std::copy_n(states.data, states.count * states.width, result.deep[i].data);
  }
  if (norm_) norm_->forward(states, states);
  return result;
}

}  // namespace millrace
