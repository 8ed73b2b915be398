#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/architecture.h"
#include "models/checkpoint.h"
#include "models/model.h"

namespace millrace {

// A checkpoint's weights under the engine's own names: "encoder.layers.0.attention.query.weight", whatever
// the file calls them. Notes what is read.
class Weights {
 public:
  Weights(std::shared_ptr<const Checkpoint> checkpoint, CheckpointLayout layout, const LoadOptions& options);

  // The name in the file: the checkpoint's own where it has it with or without the optional prefix.
  std::string file_name(std::string_view path) const;
  bool has(std::string_view path) const;
  Tensor get(std::string_view path) const;
  // The blocks of a tensor that is to stay as the file has it; none where it is to be packed from get()'s
  // values.
  std::optional<QuantisedTensor> quantised(std::string_view path) const;
  TensorInfo info(std::string_view path) const;  // as in the file

  const Checkpoint& checkpoint() const { return *checkpoint_; }
  // Of the matrices that do not stay as they are.
  kernels::WeightType type() const { return type_.value_or(kernels::WeightType::float32); }
  // Names in the file that nothing has read or asked for, settings among it. "weight_scale" has been read
  // with "weight".
  std::vector<std::string> unread() const;

 private:
  // What the file may call it, the likeliest first.
  std::vector<std::string> candidates(const CheckpointLayout& layout, std::string_view path) const;
  // How many heads each have their rows to be put back in order, or 0: see CheckpointLayout::permuted.
  int64_t permuted_heads(std::string_view path) const;
  bool is_transposed(std::string_view path) const;

  std::shared_ptr<const Checkpoint> checkpoint_;
  CheckpointLayout layout_;
  std::optional<kernels::WeightType> type_;
  void note_read(std::string name) const;

  mutable std::set<std::string, std::less<>> read_;
  mutable std::string latest_;  // whose values may still be needed
};

// A place among the weights, from which a layer takes its own by short names. The presence of a weight
// switches what depends on it: scope.has("bias").
class WeightScope {
 public:
  WeightScope(std::shared_ptr<const Weights> weights, std::string path)
      : weights_(std::move(weights)), path_(std::move(path)) {}

  WeightScope at(std::string_view child) const;
  WeightScope at(std::string_view child, int64_t index) const;
  // The same place where tensors stand for several layers, one behind the other along an axis of their own:
  // reads those of one.
  WeightScope stacked(int64_t index) const;

  bool has(std::string_view name) const;
  // The tensor as it is stored. Another shape than `shape` is Error(model) that names the tensor.
  Tensor get(std::string_view name, const Shape& shape) const;
  // The same as float32.
  Tensor get_float(std::string_view name, const Shape& shape) const;
  // The tensor with any shape of `rank` dimensions.
  Tensor get_any(std::string_view name, int64_t rank) const;

  // A matrix's blocks, where it is to stay quantised as the file has it.
  std::optional<QuantisedTensor> quantised(std::string_view name, const Shape& shape) const;
  Shape shape(std::string_view name) const { return weights_->info(at(name).path_).shape; }
  // Whether both names stand for one tensor of the file, or for two of equal type and values.
  bool same(std::string_view name, std::string_view other) const;

  kernels::WeightType type() const { return weights_->type(); }
  // "model.safetensors: tensor 'model.encoder.conv1.weight'", for messages.
  std::string place(std::string_view name) const;

 private:
  void check_type(std::string_view name, const Tensor& tensor) const;

  std::shared_ptr<const Weights> weights_;
  std::string path_;
  int64_t stacked_ = -1;
};

}  // namespace millrace
