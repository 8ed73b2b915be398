#include "models/layers/patch_transformer.h"

#include <algorithm>

#include "base/error.h"
#include "models/layers/convolutional_block.h"
#include "models/layers/resample.h"

namespace millrace {
namespace {

int64_t kernel_size(const WeightScope& scope) {
  const Shape shape = scope.shape("weight");
  return shape.size() == 4 ? shape[2] : 1;
}

// body(row of the patches, row of the map): the pixels of all patches at one place in them lie together.
template <class Body>
void each_pixel(const FeatureMap& map, int64_t size, const Body& body) {
  const int64_t rows = map.height / size, columns = map.width / size;
  int64_t row = 0;
  for (int64_t image = 0; image < map.images; ++image)
    for (int64_t place = 0; place < size * size; ++place)
      for (int64_t patch = 0; patch < rows * columns; ++patch, ++row) {
        const int64_t y = patch / columns * size + place / size, x = patch % columns * size + place % size;
        body(row, (image * map.height + y) * map.width + x);
      }
}

}  // namespace

Convolution PatchTransformer::convolution(const WeightScope& scope, std::string_view name, int64_t inputs,
                                          const PatchTransformerOptions& options, bool activated) {
  const auto own = scope.at(name);
  return normed_convolution(own, scope.at(std::string(name) + "_norm"),
                            {.inputs = inputs,
                             .padding = {.count = (kernel_size(own) - 1) / 2},
                             .activation = activated ? options.activation : kernels::Activation::none},
                            options.batch_norm_epsilon);
}

PatchTransformer::PatchTransformer(const WeightScope& scope, const PatchTransformerOptions& options)
    : options_(options),
      local_(convolution(scope, "local", options.inputs, options, true)),
      enter_(convolution(scope, "enter", local_.outputs(), options, false)),
      norm_(scope.at("norm"), enter_.outputs(), options.layer.norm, options.layer.norm_epsilon),
      leave_(convolution(scope, "leave", enter_.outputs(), options, scope.has("fusion.weight"))) {
  if (scope.has("fusion.weight"))
    fusion_ = convolution(scope, "fusion", options.inputs + leave_.outputs(), options, true);
  auto layer = options.layer;
  layer.width = layer.attention.width = enter_.outputs();
  if (layer.width % layer.attention.heads != 0)
    fail_at(ErrorKind::model, scope.place("enter.weight"), "has {} outputs, which {} heads do not divide",
            layer.width, layer.attention.heads);
  for (int64_t i = 0; scope.at("layers", i).has("up.weight"); ++i)
    layers_.emplace_back(scope.at("layers", i), layer);
}

// A map of whole patches.
FeatureMap PatchTransformer::fitted(const FeatureMap& map, Workspace& workspace) const {
  const int64_t size = options_.patch_size;
  if (options_.cropped || (map.height % size == 0 && map.width % size == 0)) return map;
  return resampled(map, (map.height + size - 1) / size * size, (map.width + size - 1) / size * size,
                   workspace);
}

// A line for each place in a patch, which has a pixel of every patch.
FeatureMap PatchTransformer::unfold(const FeatureMap& map, Workspace& workspace) const {
  const int64_t size = options_.patch_size, patches = (map.height / size) * (map.width / size);
  if (patches == 0)
    fail(ErrorKind::input, "{} x {} positions are left of the picture, but a patch has {} x {}", map.height,
         map.width, size, size);
  const auto result = make_feature_map(workspace, map.images, size * size, patches, map.channels());
  each_pixel(map, size, [&](int64_t to, int64_t from) {
    std::copy_n(map.rows.row(from), map.channels(), result.rows.row(to));
  });
  return result;
}

void PatchTransformer::fold(const FeatureMap& patches, const FeatureMap& map) const {
  std::fill_n(map.rows.data, map.rows.count * map.channels(), 0.f);
  each_pixel(map, options_.patch_size, [&](int64_t from, int64_t to) {
    std::copy_n(patches.rows.row(from), map.channels(), map.rows.row(to));
  });
}

// Where each position is normalised for itself, the lines are as good as pictures of their own.
void PatchTransformer::run_layers(const FeatureMap& patches, Workspace& workspace) const {
  FeatureMap map = patches;
  if (options_.layer.norm == PictureNorm::Kind::positions) map.images *= map.height, map.height = 1;
  for (const auto& layer : layers_) layer.forward(map, workspace);
  norm_.forward(map, map);
}

FeatureMap PatchTransformer::forward(const FeatureMap& x, Workspace& workspace) const {
  FeatureMap map = enter_.forward(local_.forward(x, workspace), workspace);
  const FeatureMap whole = fitted(map, workspace), patches = unfold(whole, workspace);
  run_layers(patches, workspace);
  fold(patches, whole);
  if (whole.rows.data != map.rows.data) map = resampled(whole, map.height, map.width, workspace);
  map = leave_.forward(map, workspace);
  if (!fusion_) return map;
  if (map.height != x.height || map.width != x.width)
    fail(ErrorKind::input, "{} x {} positions of the picture have become {} x {}", x.height, x.width,
         map.height, map.width);
  const auto both = make_feature_map(workspace, x.images, x.height, x.width, x.channels() + map.channels());
  copy_columns(x, both, 0);
  copy_columns(map, both, x.channels());
  return fusion_->forward(both, workspace);
}

}  // namespace millrace
