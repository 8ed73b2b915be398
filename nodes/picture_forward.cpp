#include "nodes/picture_forward.h"

#include <algorithm>
#include <memory>

namespace millrace {
namespace {

// One after the other, [B, channels, height, width].
Tensor stacked(std::span<const Ref<PixelValues>> pixels) {
  Shape shape = pixels.front()->values.shape();
  shape.insert(shape.begin(), std::ssize(pixels));
  Tensor result(DType::float32, shape);
  float* to = result.mutable_data<float>();
  for (const auto& one : pixels) to = std::ranges::copy(one->values.values<float>(), to).out;
  return result;
}

// A view of row `index` of each.
NamedTensors row_of(const NamedTensors& batch, size_t index) {
  NamedTensors row;
  for (const auto& [name, tensor] : batch) {
    const size_t bytes = tensor.bytes().size() / static_cast<size_t>(tensor.dim(0));
    row.emplace(name, Tensor(tensor.dtype(), {tensor.shape().begin() + 1, tensor.shape().end()},
                             tensor.bytes().subspan(index * bytes, bytes), std::make_shared<Tensor>(tensor)));
  }
  return row;
}

}  // namespace

std::vector<NamedTensors> forward_pictures(const Model& model, std::span<const Ref<PixelValues>> pixels) {
  std::vector<NamedTensors> all;
  while (!pixels.empty()) {
    const auto same = std::ranges::find_if_not(
        pixels, [&](const auto& one) { return one->values.shape() == pixels.front()->values.shape(); });
    const auto count = static_cast<size_t>(same - pixels.begin());
    const auto results = model.run("forward", {{"pixel_values", stacked(pixels.first(count))}});
    for (size_t i = 0; i < count; ++i) all.push_back(row_of(results, i));
    pixels = pixels.subspan(count);
  }
  return all;
}

}  // namespace millrace
