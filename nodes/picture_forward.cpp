#include "nodes/picture_forward.h"

#include <algorithm>
#include <memory>

namespace millrace {
namespace {

using Pictures = std::span<const Ref<PixelValues>>;

// One after the other, [B, …]. `tensor_of` gives each, all of one shape.
template <class TensorOf>
Tensor stacked(Pictures pixels, const TensorOf& tensor_of) {
  const Tensor& first = tensor_of(*pixels.front());
  Shape shape = first.shape();
  shape.insert(shape.begin(), std::ssize(pixels));
  Tensor result(first.dtype(), shape);
  std::byte* to = result.mutable_bytes();
  for (const auto& one : pixels) to = std::ranges::copy(tensor_of(*one).bytes(), to).out;
  return result;
}

bool takes_masks(const Model& model, std::string_view name) {
  for (const MethodInfo& method : model.methods())
    if (method.name == name) return std::ranges::count(method.arguments, "pixel_mask") > 0;
  return false;
}

NamedTensors arguments_of(const Model& model, std::string_view method, Pictures pixels) {
  NamedTensors arguments;
  arguments.emplace("pixel_values",
                    stacked(pixels, [](const PixelValues& one) -> const Tensor& { return one.values; }));
  const bool all_masked = std::ranges::all_of(pixels, [](const auto& one) { return one->mask.has_value(); });
  if (all_masked && takes_masks(model, method))
    arguments.emplace("pixel_mask",
                      stacked(pixels, [](const PixelValues& one) -> const Tensor& { return *one.mask; }));
  return arguments;
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

std::vector<NamedTensors> forward_pictures(const Model& model, std::span<const Ref<PixelValues>> pixels,
                                           std::string_view method) {
  std::vector<NamedTensors> all;
  while (!pixels.empty()) {
    const auto same = std::ranges::find_if_not(
        pixels, [&](const auto& one) { return one->values.shape() == pixels.front()->values.shape(); });
    const auto count = static_cast<size_t>(same - pixels.begin());
    const auto results = model.run(method, arguments_of(model, method, pixels.first(count)));
    for (size_t i = 0; i < count; ++i) all.push_back(row_of(results, i));
    pixels = pixels.subspan(count);
  }
  return all;
}

}  // namespace millrace
